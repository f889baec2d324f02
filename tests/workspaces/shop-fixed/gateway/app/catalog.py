"""A small copy of the catalogue, kept fresh in the background."""

import asyncio
import logging

import httpx

from .config import settings

logger = logging.getLogger(__name__)

products: dict[str, dict] = {}


async def load_catalog(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{settings.inventory_url}/products")
    response.raise_for_status()
    for product in response.json():
        products[product["sku"]] = product


async def keep_fresh(client: httpx.AsyncClient) -> None:
    """Reload once a minute; a failed round is logged and the next one tries again."""
    while True:
        try:
            await load_catalog(client)
        except Exception:
            logger.exception("Could not reload the catalogue")
        await asyncio.sleep(60)
