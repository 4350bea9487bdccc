"""The shop's pages."""

import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def front() -> object:
    async with httpx.AsyncClient() as client:
        return (await client.get("http://ordering/orders/1")).json()
