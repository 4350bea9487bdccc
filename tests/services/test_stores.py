"""Services and data uses -> shared data."""

from __future__ import annotations

from readiness.types.services import SharedData
from tests.services.scans import found_in

MODELS = """
    from sqlalchemy import Column, Integer
    from sqlalchemy.orm import declarative_base
    Base = declarative_base()
    class Order(Base):
        __tablename__ = "orders"
        id = Column(Integer, primary_key=True)
    class Seen(Base):
        __tablename__ = "seen"
        id = Column(Integer, primary_key=True)
    """
REPOSITORY = {
    "a/main.py": """
        import os
        from db.models import Order
        def main(session):
            session.add(Order())
        QUEUE = os.environ["QUEUE"]
        if __name__ == "__main__":
            main(None)
        """,
    "b/main.py": """
        from db.models import Order, Seen
        def main(session):
            print(session.query(Order).count())
            session.query(Seen).update({})
        def unused(session):
            session.query(Seen).count()
        if __name__ == "__main__":
            main(None)
        """,
    "db/models.py": MODELS,
    "Procfile": "a: python a/main.py\nb: python b/main.py\n",
}


def test_a_table_that_two_services_touch_says_so_and_only_code_that_is_reached_counts() -> None:
    rows = {one.name: one.data for one in found_in(REPOSITORY).found}
    assert rows["a"] == (
        SharedData("python", "env", "QUEUE", 1, 0, ()),
        SharedData("sqlalchemy", "table", "orders", 0, 1, ("b",)),
    )
    assert rows["b"] == (
        SharedData("sqlalchemy", "table", "orders", 1, 0, ("a",)),
        SharedData("sqlalchemy", "table", "seen", 0, 1, ()),
    )


def test_a_crossing_import_says_which_calls_cross_it_and_which_are_chatty() -> None:
    found = found_in({
        "a/main.py": "from lib import price\ndef main(rows):\n    for row in rows:\n        price.of(row)\nmain([])\n",
        "b/main.py": "from lib import price\nprice.of(1)\n",
        "lib/price.py": "def of(row):\n    return row\n",
        "Procfile": "a: python a/main.py\nb: python b/main.py\n",
    }).found  # fmt: skip
    assert [(s.importer, s.imported, s.line, s.reason) for one in found for s in one.seams] == [
        ("a.main", "lib.price", 1, "also used by b; 1 of its functions is called, 1 of the calls in a loop"),
        ("b.main", "lib.price", 1, "also used by a; 1 of its functions is called"),
    ]


def test_a_folder_that_is_run_on_its_own_finds_what_lies_beside_whether_it_is_a_package_or_not() -> None:
    files = {
        "src/contacts/Dockerfile": "FROM python\nWORKDIR /app\nCOPY . .\nCMD gunicorn contacts:app\n",
        "src/contacts/__init__.py": "",
        "src/contacts/contacts.py": "from flask import Flask\nimport db\napp = Flask(__name__)\n\n@app.get('/')\ndef all():\n    return db.read()\n",
        "src/contacts/db.py": "import sqlite3\n\ndef read():\n    return sqlite3.connect('x').execute('select a from contact').fetchall()\n",
        "src/users/__init__.py": "",
        "src/users/db.py": "def read(): ...\n",
    }
    (contacts,) = (s for s in found_in(files).found if s.kind == "deployable")
    assert [(row.kind, row.name, row.reads) for row in contacts.data if row.kind == "table"] == [
        ("table", "contact", 1)
    ]
    assert "src.contacts.db" in contacts.own


def test_a_table_that_an_object_holds_is_a_table() -> None:
    files = {
        "Procfile": "web: gunicorn app:app\n",
        "app.py": "from flask import Flask\nfrom db import Db\napp = Flask(__name__)\ndb = Db('x')\n\n@app.get('/')\ndef all():\n    db.add({})\n    return db.read()\n",
        "db.py": """
            from sqlalchemy import Column, MetaData, String, Table, create_engine

            class Db:
                def __init__(self, uri):
                    self.engine = create_engine(uri)
                    self.contacts = Table("contact", MetaData(), Column("name", String))

                def add(self, row):
                    statement = self.contacts.insert().values(row)
                    with self.engine.connect() as conn:
                        conn.execute(statement)

                def read(self):
                    with self.engine.connect() as conn:
                        return conn.execute(self.contacts.select().where(self.contacts.c.name == "a")).fetchall()
            """,
    }
    (web,) = (s for s in found_in(files).found if s.kind == "deployable")
    assert [(r.name, r.reads, r.writes) for r in web.data if r.kind == "table"] == [("contact", 1, 1)]
