"""Pages for the warehouse staff; one JSON route for the gateway."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import DetailView, ListView

from inventory.forms import CountForm, MovementForm
from inventory.models import Article, Movement, Stock


@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    context = {"scarce": Article.objects.scarce(), "movements": Movement.objects.select_related("article")[:20]}
    return render(request, "inventory/dashboard.html", context)


class ArticleList(ListView):
    model = Article
    paginate_by = 50
    template_name = "inventory/articles.html"


class ArticleDetail(DetailView):
    model = Article
    slug_field = slug_url_kwarg = "sku"
    template_name = "inventory/article.html"


@login_required
def move(request: HttpRequest) -> HttpResponse:
    form = MovementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        movement = form.save(commit=False)
        movement.made_by = request.user
        movement.save()
        messages.success(request, "Moved.")
        return redirect("dashboard")
    return render(request, "inventory/move.html", {"form": form})


@login_required
def count(request: HttpRequest) -> HttpResponse:
    form = CountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        Stock.objects.update_or_create(
            article=data["article"], warehouse=data["warehouse"], defaults={"pieces": data["counted"]}
        )
        messages.success(request, "Counted.")
        return redirect("dashboard")
    return render(request, "inventory/count.html", {"form": form})


def stock(request: HttpRequest, sku: str) -> JsonResponse:
    article = get_object_or_404(Article, sku=sku)
    return JsonResponse({"sku": sku, "stock": article.pieces})
