"""Prices and products from the supplier."""

import asyncio
import random

import httpx
from purgatory import AsyncCircuitBreakerFactory

from app.config import SUPPLIER_URL

client = httpx.AsyncClient(base_url=SUPPLIER_URL, timeout=15)
breakers = AsyncCircuitBreakerFactory(default_threshold=5, default_ttl=30)


@breakers("supplier")
async def fetch_product(sku: str) -> dict:
    """Ask the supplier, at most five times."""
    for attempt in range(5):
        try:
            response = await client.get(f"/products/{sku}")
            if response.status_code != 429:
                response.raise_for_status()
                return response.json()
        except httpx.TransportError:
            pass
        await asyncio.sleep(2**attempt + random.random())
    raise RuntimeError("The supplier does not answer")
