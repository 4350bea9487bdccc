"""What is bought, over HTTP."""

import requests
from flask import Flask

app = Flask(__name__)


@app.get("/orders/<number>")
def order(number: str) -> object:
    return requests.get(f"http://stock.example/items/{number}", timeout=3).json()
