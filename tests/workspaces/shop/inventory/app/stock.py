"""Products and stock in Redis."""

import json

import redis
import redis.asyncio as aioredis

from app.config import REDIS_URL

cache = redis.Redis.from_url(REDIS_URL, decode_responses=True)
store = aioredis.from_url(REDIS_URL, decode_responses=True)


def product_from_cache(sku: str) -> dict | None:
    raw = cache.get(f"product:{sku}")
    return json.loads(raw) if raw else None


async def load_product(sku: str) -> dict | None:
    raw = await store.get(f"product:{sku}")
    return json.loads(raw) if raw else None


async def save_product(product: dict) -> None:
    await store.set(f"product:{product['sku']}", json.dumps(product))
    await store.sadd("products", product["sku"])


async def product_numbers() -> set[str]:
    return await store.smembers("products")


async def change_stock(sku: str, amount: int) -> int:
    return await store.incrby(f"stock:{sku}", amount)
