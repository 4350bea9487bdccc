from django.urls import path

from inventory import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("articles/", views.ArticleList.as_view(), name="articles"),
    path("articles/<slug:sku>/", views.ArticleDetail.as_view(), name="article"),
    path("move/", views.move, name="move"),
    path("count/", views.count, name="count"),
    path("api/stock/<slug:sku>", views.stock, name="stock"),
]
