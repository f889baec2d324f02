"""Inventory service: products, stock and reservations."""

import uuid

import redis.asyncio as aioredis
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from app.config import REDIS_URL
from app.stock import change_stock, load_product, product_from_cache, product_numbers, save_product
from app.supplier import fetch_product

app = FastAPI(title="Inventory")


class ReservationIn(BaseModel):
    sku: str
    quantity: int


class StockChange(BaseModel):
    amount: int


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/products")
async def list_products():
    return [await load_product(sku) for sku in await product_numbers()]  # expect: remote-call-in-loop


@app.get("/products/{sku}")
async def get_product(sku: str):
    product = product_from_cache(sku)  # expect: blocking-call-in-async
    if product is None:
        raise HTTPException(status_code=404, detail="No such product")
    return product


@app.get("/products/{sku}/price")
def get_price(sku: str):
    # Runs in the thread pool: the same helper is fine here.
    product = product_from_cache(sku)
    if product is None:
        raise HTTPException(status_code=404, detail="No such product")
    return {"sku": sku, "price": product["price"]}


@app.post("/products/{sku}/import", status_code=201)
async def import_product(sku: str):
    product = await fetch_product(sku)
    await save_product(product)
    return product


@app.post("/products/{sku}/stock")
async def add_stock(sku: str, change: StockChange):
    return {"sku": sku, "quantity": await change_stock(sku, change.amount)}


@app.post("/reservations", status_code=201)
async def create_reservation(reservation: ReservationIn):
    left = await change_stock(reservation.sku, -reservation.quantity)
    if left < 0:
        await change_stock(reservation.sku, reservation.quantity)
        raise HTTPException(status_code=409, detail="Not enough in stock")
    reservation_id = uuid.uuid4().hex
    client = aioredis.from_url(REDIS_URL)  # expect: client-per-request
    await client.hset(f"reservation:{reservation_id}", mapping=reservation.model_dump())
    await client.aclose()
    return {"reservation_id": reservation_id}


@app.delete("/reservations/{reservation_id}", status_code=204)
async def release_reservation(reservation_id: str):
    client = aioredis.from_url(REDIS_URL, decode_responses=True)  # expect: client-per-request
    reservation = await client.hgetall(f"reservation:{reservation_id}")
    if not reservation:
        raise HTTPException(status_code=404, detail="No such reservation")
    await change_stock(reservation["sku"], int(reservation["quantity"]))
    await client.delete(f"reservation:{reservation_id}")
    await client.aclose()
