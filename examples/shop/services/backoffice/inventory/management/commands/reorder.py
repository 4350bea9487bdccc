"""Prints what should be ordered. Called by hand on Mondays."""

from django.core.management.base import BaseCommand

from inventory.models import Article


class Command(BaseCommand):
    help = "List articles below their reorder level"

    def add_arguments(self, parser):
        parser.add_argument("--supplier")

    def handle(self, *args, **options):
        articles = Article.objects.scarce()
        if options["supplier"]:
            articles = articles.filter(supplier=options["supplier"])
        for article in articles:
            self.stdout.write(f"{article.sku}\t{article.pieces}\t{article.reorder_at}")
