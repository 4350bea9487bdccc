"""The catalogue API: products, categories, search, reviews."""

from __future__ import annotations

from flask import Flask, jsonify
from shoplib.db import new_session
from werkzeug.exceptions import HTTPException

from catalog.imports import imports
from catalog.reviews import reviews
from catalog.views import products


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(products)
    app.register_blueprint(reviews, url_prefix="/reviews")
    app.register_blueprint(imports, url_prefix="/offers")
    app.config["SESSION"] = new_session
    app.register_error_handler(HTTPException, _error)
    return app


def _error(error: HTTPException):
    return jsonify(error=error.description), error.code
