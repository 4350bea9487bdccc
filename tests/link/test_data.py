"""Programs -> data uses: which function reads or writes which table, cache, queue and variable, on which line."""

from __future__ import annotations

import pytest

from readiness.types.program import Program
from tests.programs import program_of

SQLALCHEMY = """
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customers"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Order(Base):
        __tablename__ = "orders"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer: Mapped[Customer] = relationship()
        lines: Mapped[list["Line"]] = relationship(back_populates="order")

    class Line(Base):
        __tablename__ = "order_lines"
        order: Mapped[Order] = relationship(back_populates="lines")
    """
DJANGO = """
    from django.db import models

    class Author(models.Model):
        name = models.CharField(max_length=80)

    class Book(models.Model):
        author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
        title = models.CharField(max_length=80)

    class Draft(models.Model):
        class Meta:
            abstract = True

    class Page(Draft):
        book = models.ForeignKey("Book", on_delete=models.CASCADE)
        class Meta:
            db_table = "pages"
    """


def uses(program: Program, kind: str = "table") -> set[tuple[str, str, str, int]]:
    """(function, name, access, line), declarations left out."""
    return {
        (program.functions[u.function].qualname, u.name, u.access, u.line)
        for u in program.data
        if u.kind == kind and u.access != "declare"
    }


def declared(program: Program) -> set[tuple[str, str]]:
    return {(u.name, u.store) for u in program.data if u.access == "declare"}


def test_a_declarative_model_is_read_and_written_through_a_session() -> None:
    program = program_of({
        "db/models.py": SQLALCHEMY,
        "work.py": """
            from sqlalchemy import select
            from db.models import Line, Order

            def load(session, number):
                return session.execute(select(Order).where(Order.id == number)).scalar_one()

            def ship(session, number):
                order = load(session, number)
                order.status = "sent"
                for line in order.lines:
                    line.done = True

            def add(session):
                session.add(Line(order_id=1))

            def names(session):
                return [row.id for row in session.query(Order.id).all()]
            """,
    })  # fmt: skip
    assert declared(program) == {("customers", "sqlalchemy"), ("orders", "sqlalchemy"), ("order_lines", "sqlalchemy")}
    assert uses(program) == {
        ("load", "orders", "read", 6),
        ("ship", "orders", "write", 10),
        ("ship", "order_lines", "read", 11),
        ("ship", "order_lines", "write", 12),
        ("add", "order_lines", "write", 15),
        ("names", "orders", "read", 18),
    }


def test_a_model_that_a_caller_hands_over_is_known_in_the_function() -> None:
    program = program_of({
        "db/models.py": SQLALCHEMY,
        "work.py": """
            from db.models import Order

            def pay(order):
                order.status = "paid"

            def main(session):
                pay(session.get(Order, 1))
            """,
    })  # fmt: skip
    assert uses(program) == {("pay", "orders", "write", 5), ("main", "orders", "read", 8)}


def test_a_relation_to_a_class_of_an_unknown_base_is_no_table() -> None:
    source = """
        from django.db import models
        from treelib_django import Node

        class Folder(Node):
            pass

        class File(models.Model):
            folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="files")

        def names(file: File):
            return file.folder.name, [each.pk for each in File.objects.all()]
        """
    program = program_of({"shop.models": source})
    assert {(use.name, use.access) for use in program.data if program.functions[use.function].qualname == "names"} == {
        ("shop_file", "read")
    }


def test_django_tables_have_the_names_that_django_gives_and_relations_in_both_directions() -> None:
    program = program_of({
        "shelf/models.py": DJANGO,
        "shelf/views.py": """
            from django.shortcuts import get_object_or_404
            from django.views.generic import ListView
            from shelf.models import Author, Book, Page

            def rename(request, number):
                book = get_object_or_404(Book, pk=number)
                book.title = "x"
                book.save()
                print(book.author.name)

            def count(request):
                return Author.objects.filter(name="a").exclude(name="b").count()

            def shelf(author: Author):
                author.books.create(title="y")

            def clear(request):
                Page.objects.all().delete()

            class Books(ListView):
                queryset = Book.objects.all()
            """,
    })  # fmt: skip
    assert declared(program) == {("shelf_author", "django"), ("shelf_book", "django"), ("pages", "django")}
    assert uses(program) == {
        ("rename", "shelf_book", "read", 7),
        ("rename", "shelf_book", "write", 9),
        ("rename", "shelf_author", "read", 10),
        ("count", "shelf_author", "read", 13),
        ("shelf", "shelf_book", "read", 16),
        ("shelf", "shelf_book", "write", 16),
        ("clear", "pages", "write", 19),
        ("<module>", "shelf_book", "read", 22),
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (("from peewee import Model\nclass Cat(Model):\n    class Meta:\n        table_name = 'cats'\n"
         "def f():\n    Cat.insert_many([]).execute()\n"), {("f", "cats", "write", 6)}),
        ("from tortoise.models import Model\nclass Cat(Model):\n    pass\nasync def f():\n    await Cat.filter(a=1).first()\n",
         {("f", "cat", "read", 5)}),
        ("from mongoengine import Document\nclass BigCat(Document):\n    pass\ndef f():\n    BigCat.objects(age=1).update(age=2)\n",
         {("f", "big_cat", "write", 5)}),
        (("from sqlmodel import Session, SQLModel, select\nclass Cat(SQLModel, table=True):\n    id: int\nclass Seen(SQLModel):\n    id: int\n"
         "def f(session: Session):\n    Seen()\n    return session.exec(select(Cat)).all()\n"), {("f", "cat", "read", 8)}),
        (("from sqlalchemy import Table, MetaData, insert\ncats = Table('cats', MetaData())\n"
         "def f(c):\n    c.execute(insert(cats).values(a=1))\n    c.execute(cats.select())\n"), {("f", "cats", "write", 4), ("f", "cats", "read", 5)}),
    ],
)  # fmt: skip
def test_each_orm_names_its_tables(source: str, expected: set[tuple[str, str, str, int]]) -> None:
    assert uses(program_of({"m.py": source})) == expected


def test_objects_in_hand_and_classes_of_other_kinds_are_no_uses() -> None:
    program = program_of({
        "db/models.py": SQLALCHEMY,
        "work.py": """
            from db.models import Order

            class Plain:
                objects = []

            def look(order: Order) -> str:
                return str(order.id) + order.total.to_eng_string()

            def other(things):
                Plain.objects.append(things.get(Plain))
                return isinstance(things, Order)
            """,
    })  # fmt: skip
    assert uses(program) == set()


def test_a_store_has_the_name_that_callers_hand_to_a_wrapper() -> None:
    program = program_of({
        "cache.py": """
            import os
            import redis

            PREFIX = "shop:"

            def put(client: redis.Redis, key, value):
                client.set(PREFIX + key, value)

            def address():
                return os.environ["CACHE_URL"] + os.environ.get("CACHE_DB", "0")
            """,
        "work.py": """
            import cache
            import redis

            def store(client: redis.Redis, user):
                cache.put(client, "statistics", 1)
                client.get(f"user:{user}:name")
            """,
    })  # fmt: skip
    assert uses(program, "cache") == {("store", "shop:statistics", "write", 6), ("store", "user:*", "read", 7)}
    assert uses(program, "env") == {("address", "CACHE_URL", "read", 11), ("address", "CACHE_DB", "read", 11)}


def test_managers_of_the_program_and_an_overridden_save_are_followed() -> None:
    program = program_of({
        "shop/models.py": """
            from django.db import models

            class Kept(models.Manager):
                def get_queryset(self):
                    return super().get_queryset().filter(is_gone=False)

            class Base(models.Model):
                kept = Kept()
                class Meta:
                    abstract = True
                def save(self, *args):
                    super().save(*args)
                def label(self):
                    return "x"

            class Order(Base):
                total = models.IntegerField()
            """,
        "work.py": """
            from shop.models import Order

            def pay(number):
                order = Order.kept.get(pk=number)
                order.label()
                order.save()
            """,
    })  # fmt: skip
    assert uses(program) == {("pay", "shop_order", "read", 5), ("pay", "shop_order", "write", 7)}
