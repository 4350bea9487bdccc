from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import TestCase
from inventory.models import Article, Movement, Stock, Warehouse


class MovementTests(TestCase):
    def setUp(self):
        self.user = get_user_model().objects.create_user("ann")
        self.article = Article.objects.create(sku="A1", title="Desk lamp")
        self.house = Warehouse.objects.create(name="north", city="Kiel")

    def test_an_arrival_adds_to_the_stock(self):
        Movement.objects.create(article=self.article, target=self.house, pieces=3, made_by=self.user)
        self.assertEqual(Stock.objects.get(article=self.article).pieces, 3)

    def test_a_movement_goes_somewhere(self):
        with self.assertRaises(ValidationError):
            Movement.objects.create(article=self.article, pieces=3, made_by=self.user)
