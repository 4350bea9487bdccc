"""One database session per request."""

from __future__ import annotations

from flask import current_app, g
from sqlalchemy.orm import Session


def session() -> Session:
    if "session" not in g:
        g.session = current_app.config["SESSION"]()
    return g.session
