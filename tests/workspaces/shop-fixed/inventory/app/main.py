"""Inventory service: products, stock and reservations."""

import uuid
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from app import stock
from app.supplier import client, fetch_product


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    await client.aclose()
    await stock.store.aclose()


app = FastAPI(title="Inventory", lifespan=lifespan)


class ReservationIn(BaseModel):
    sku: str
    quantity: int


class StockIn(BaseModel):
    quantity: int


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/products")
async def list_products():
    return await stock.load_products(await stock.product_numbers())


@app.get("/products/{sku}")
async def get_product(sku: str):
    product = await stock.load_product(sku)
    if product is None:
        raise HTTPException(status_code=404, detail="No such product")
    return product


@app.get("/products/{sku}/price")
async def get_price(sku: str):
    product = await stock.load_product(sku)
    if product is None:
        raise HTTPException(status_code=404, detail="No such product")
    return {"sku": sku, "price": product["price"]}


@app.post("/products/{sku}/import", status_code=201)
async def import_product(sku: str):
    product = await fetch_product(sku)
    await stock.save_product(product)
    return product


@app.put("/products/{sku}/stock")
async def set_stock(sku: str, body: StockIn):
    await stock.set_stock(sku, body.quantity)
    return {"sku": sku, "quantity": body.quantity}


@app.post("/reservations", status_code=201)
async def create_reservation(reservation: ReservationIn):
    left = await stock.change_stock(reservation.sku, -reservation.quantity)
    if left < 0:
        await stock.change_stock(reservation.sku, reservation.quantity)
        raise HTTPException(status_code=409, detail="Not enough in stock")
    reservation_id = uuid.uuid4().hex
    await stock.save_reservation(reservation_id, reservation.model_dump())
    return {"reservation_id": reservation_id}


@app.delete("/reservations/{reservation_id}", status_code=204)
async def release_reservation(reservation_id: str):
    reservation = await stock.take_reservation(reservation_id)
    if reservation:
        await stock.change_stock(reservation["sku"], int(reservation["quantity"]))
