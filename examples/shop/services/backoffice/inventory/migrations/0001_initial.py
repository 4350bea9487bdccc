import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=80, unique=True)),
                ("city", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("sku", models.CharField(max_length=40, unique=True)),
                ("title", models.CharField(max_length=300)),
                ("reorder_at", models.PositiveIntegerField(default=5)),
                ("supplier", models.CharField(blank=True, max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("article", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="inventory.article")),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
                ("pieces", models.IntegerField(default=0)),
            ],
        ),
    ]
