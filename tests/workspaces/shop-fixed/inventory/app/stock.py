"""Products and stock in Redis."""

import json

import redis.asyncio as aioredis

from app.config import REDIS_URL

store = aioredis.from_url(REDIS_URL, decode_responses=True)


async def load_product(sku: str) -> dict | None:
    raw = await store.get(f"product:{sku}")
    return json.loads(raw) if raw else None


async def load_products(skus: set[str]) -> list[dict]:
    """All in one round trip."""
    if not skus:
        return []
    found = await store.mget([f"product:{sku}" for sku in skus])
    return [json.loads(raw) for raw in found if raw]


async def save_product(product: dict) -> None:
    await store.set(f"product:{product['sku']}", json.dumps(product))
    await store.sadd("products", product["sku"])


async def product_numbers() -> set[str]:
    return await store.smembers("products")


async def change_stock(sku: str, amount: int) -> int:
    return await store.incrby(f"stock:{sku}", amount)


async def set_stock(sku: str, quantity: int) -> None:
    await store.set(f"stock:{sku}", quantity)


async def save_reservation(reservation_id: str, reservation: dict) -> None:
    await store.hset(f"reservation:{reservation_id}", mapping=reservation)


async def take_reservation(reservation_id: str) -> dict:
    """Read and remove the reservation in one step, so that two releases give the goods back once."""
    key = f"reservation:{reservation_id}"
    async with store.pipeline(transaction=True) as pipe:
        pipe.hgetall(key)
        pipe.delete(key)
        reservation, _ = await pipe.execute()
    return reservation
