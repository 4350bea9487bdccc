"""A movement changes the stock of its two warehouses."""

from django.db.models import F
from django.db.models.signals import post_save
from django.dispatch import receiver

from inventory.models import Movement, Stock


@receiver(post_save, sender=Movement)
def move_stock(sender, instance, created, **kwargs):
    if not created:
        return
    for warehouse, sign in ((instance.source, -1), (instance.target, 1)):
        if warehouse is not None:
            Stock.objects.get_or_create(article=instance.article, warehouse=warehouse)
            rows = Stock.objects.filter(article=instance.article, warehouse=warehouse)
            rows.update(pieces=F("pieces") + sign * instance.pieces)
