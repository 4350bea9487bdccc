"""Warehouses, articles, what moved between them."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Sum


class Warehouse(models.Model):
    name = models.CharField(max_length=80, unique=True)
    city = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ArticleQuerySet(models.QuerySet):
    def scarce(self) -> models.QuerySet:
        return self.annotate(total=Sum("stock__pieces")).filter(total__lt=F("reorder_at"))


class Article(models.Model):
    sku = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    reorder_at = models.PositiveIntegerField(default=5)
    supplier = models.CharField(max_length=120, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["sku"]

    def __str__(self) -> str:
        return f"{self.sku} {self.title}"

    @property
    def pieces(self) -> int:
        return self.stock.aggregate(total=Sum("pieces"))["total"] or 0


class Stock(models.Model):
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="stock")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock")
    pieces = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "warehouse"], name="one_row_per_place")]


class Movement(models.Model):
    article = models.ForeignKey(Article, on_delete=models.PROTECT)
    source = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    target = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    pieces = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]

    def clean(self) -> None:
        if self.source is None and self.target is None:
            raise ValidationError("a movement needs a source or a target")
        if self.source is not None and self.source == self.target:
            raise ValidationError("source and target are the same warehouse")

    def save(self, *args, **kwargs) -> None:
        self.full_clean()
        super().save(*args, **kwargs)
