"""The admin pages: most of the back office is these."""

from __future__ import annotations

import csv

from django.contrib import admin, messages
from django.http import HttpResponse
from django.utils.html import format_html

from inventory.models import Article, Movement, Stock, Warehouse


class StockInline(admin.TabularInline):
    model = Stock
    extra = 0
    readonly_fields = ["pieces"]


@admin.action(description="Export as CSV")
def export_csv(modeladmin, request, queryset):
    response = HttpResponse(content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="articles.csv"'
    writer = csv.writer(response)
    writer.writerow(["sku", "title", "pieces"])
    for article in queryset:
        writer.writerow([article.sku, article.title, article.pieces])
    return response


@admin.action(description="Double the reorder level")
def double_reorder(modeladmin, request, queryset):
    for article in queryset:
        article.reorder_at *= 2
        article.save(update_fields=["reorder_at"])
    modeladmin.message_user(request, f"{queryset.count()} articles changed", messages.SUCCESS)


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["sku", "title", "supplier", "total", "reorder_at"]
    list_filter = ["supplier"]
    search_fields = ["sku", "title"]
    inlines = [StockInline]
    actions = [export_csv, double_reorder]

    @admin.display(description="pieces")
    def total(self, article):
        colour = "red" if article.pieces < article.reorder_at else "inherit"
        return format_html('<span style="color:{}">{}</span>', colour, article.pieces)


@admin.register(Warehouse)
class WarehouseAdmin(admin.ModelAdmin):
    list_display = ["name", "city"]
    search_fields = ["name", "city"]


@admin.register(Movement)
class MovementAdmin(admin.ModelAdmin):
    list_display = ["made_at", "article", "source", "target", "pieces", "made_by"]
    date_hierarchy = "made_at"
    autocomplete_fields = ["article"]
    exclude = ["made_by"]

    def save_model(self, request, obj, form, change):
        obj.made_by = request.user
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False
