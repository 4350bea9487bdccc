"""Routes with the prefixes of the routers that carry them."""

from __future__ import annotations

from tests.programs import program_of


def routes(files: dict[str, str]) -> set[tuple[str, str, str]]:
    """(kind, route, handler)"""
    return {(e.kind, e.detail, e.target) for e in program_of(files).entries if e.kind in ("http-route", "websocket")}


def test_a_router_that_is_included_over_a_re_export_has_both_prefixes() -> None:
    assert routes(
        {
            "api/__init__.py": "from api.items import items as item_router\n",
            "api/items.py": """
                from fastapi import APIRouter
                items = APIRouter(prefix="/items")
                @items.get("/{item_id}")
                async def read(item_id: int): ...
                @items.post("")
                async def add(): ...
                @items.websocket("/live")
                async def live(socket): ...
            """,
            "main.py": """
                from fastapi import APIRouter, FastAPI
                from api import item_router
                outer = APIRouter()
                outer.include_router(item_router, prefix="/v1")
                app = FastAPI()
                app.include_router(outer, prefix="/api")
                @app.get("/health")
                def health(): ...
            """,
        }
    ) == {
        ("http-route", "/api/v1/items/{item_id}", "api.items:read"),
        ("http-route", "/api/v1/items", "api.items:add"),
        ("websocket", "/api/v1/items/live", "api.items:live"),
        ("http-route", "/health", "main:health"),
    }


def test_flask_s_registration_replaces_the_blueprint_s_own_prefix() -> None:
    views = """
        from flask import Blueprint
        kept = Blueprint("kept", __name__, url_prefix="/kept")
        moved = Blueprint("moved", __name__, url_prefix="/old")
        @kept.route("/a")
        def a(): ...
        @moved.route("/b")
        def b(): ...
    """
    main = """
        from flask import Flask
        import views
        def create_app():
            app = Flask(__name__)
            app.register_blueprint(views.kept)
            app.register_blueprint(views.moved, url_prefix="/new")
            return app
    """
    assert routes({"views.py": views, "main.py": main}) == {
        ("http-route", "/kept/a", "views:a"),
        ("http-route", "/new/b", "views:b"),
    }


def test_django_s_included_patterns_are_no_routes_of_their_own() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/urls.py": """
            from django.urls import include, path
            urlpatterns = [path("stock/", include("stock.urls"))]
        """,
        "stock/__init__.py": "",
        "stock/urls.py": """
            from django.urls import path
            from stock import views
            urlpatterns = [path("list/", views.listing)]
        """,
        "stock/views.py": "def listing(request): ...\n",
    }
    assert routes(files) == {("http-route", "stock/list/", "stock.views:listing")}


def test_the_methods_that_a_route_answers() -> None:
    code = """
        import flask
        from aiohttp import web
        from fastapi import FastAPI
        from flask.views import MethodView

        api = FastAPI()
        app = flask.Flask(__name__)

        @api.get("/a")
        async def read(): ...
        @api.api_route("/b", methods=["GET", "POST"])
        async def either(): ...
        @app.route("/c", methods=["PUT"])
        def put(): ...
        @app.route("/d")
        def plain(): ...

        class View(MethodView):
            def get(self): ...
            def delete(self): ...

        app.add_url_rule("/e", view_func=View.as_view("e"))

        async def save(request): ...

        def main():
            web.Application().router.add_post("/f", save)
    """
    found = {
        (e.target.partition(":")[2], e.verbs) for e in program_of({"main.py": code}).entries if e.kind == "http-route"
    }
    assert found == {
        ("read", ("GET",)), ("either", ("GET", "POST")), ("put", ("PUT",)), ("plain", ()), ("View.get", ("GET",)),
        ("View.delete", ("DELETE",)), ("save", ("POST",)),
    }  # fmt: skip


def test_a_handler_is_the_function_below_its_decorators() -> None:
    """A wrapper that many handlers share would make one entry of all of them."""
    found = routes(
        {
            "api.py": """
                from aiohttp import web

                def answered(method):
                    async def wrap(*args):
                        return await method(*args)
                    return wrap

                def checked(role):
                    def outer(method):
                        async def wrap(*args):
                            return await method(*args)
                        return wrap
                    return outer

                class Hosts:
                    @answered
                    async def info(self, request): ...
                    @checked("admin")
                    @answered
                    async def reboot(self, request): ...
                    async def plain(self, request): ...

                @answered
                async def health(request): ...

                def start():
                    app, hosts = web.Application(), Hosts()
                    app.router.add_get("/info", hosts.info)
                    app.router.add_post("/reboot", hosts.reboot)
                    app.router.add_get("/plain", hosts.plain)
                    app.router.add_get("/health", health)
            """
        }
    )
    assert found == {
        ("http-route", "/info", "api:Hosts.info"),
        ("http-route", "/reboot", "api:Hosts.reboot"),
        ("http-route", "/plain", "api:Hosts.plain"),
        ("http-route", "/health", "api:health"),
    }
