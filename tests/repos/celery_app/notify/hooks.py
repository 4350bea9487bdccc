"""Outgoing web hooks."""

import requests


def post(url: str, body: dict[str, object]) -> int:
    response = requests.post(url, json=body, timeout=10)
    return response.status_code
