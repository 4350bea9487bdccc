"""Settings of every service, read once from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


def _number(name: str, default: float) -> float:
    raw = os.environ.get(name)
    return float(raw) if raw else default


@dataclass(frozen=True)
class Upstreams:
    """Addresses of the services that the gateway and the workers talk to."""

    catalog: str = field(default_factory=lambda: os.environ.get("CATALOG_URL", "http://catalog-api:8000"))
    billing: str = field(default_factory=lambda: os.environ.get("BILLING_URL", "http://billing-api:8080"))
    reco: str = field(default_factory=lambda: os.environ.get("RECO_URL", "http://reco-model:9000"))
    inventory: str = field(default_factory=lambda: os.environ.get("INVENTORY_URL", "http://backoffice:8001/api/stock"))


@dataclass(frozen=True)
class Settings:
    database_url: str = field(
        default_factory=lambda: os.environ.get("DATABASE_URL", "postgresql://shop@postgres:5432/shop")
    )
    redis_url: str = field(default_factory=lambda: os.environ.get("REDIS_URL", "redis://redis:6379/0"))
    broker_url: str = field(default_factory=lambda: os.environ.get("BROKER_URL", "redis://redis:6379/1"))
    smtp_host: str = field(default_factory=lambda: os.environ.get("SMTP_HOST", "mail"))
    payment_url: str = field(default_factory=lambda: os.environ.get("PAYMENT_URL", "https://pay.example.com/v2"))
    timeout: float = field(default_factory=lambda: _number("UPSTREAM_TIMEOUT", 2.5))
    upstreams: Upstreams = field(default_factory=Upstreams)


def load() -> Settings:
    """The settings of this process."""
    return Settings()
