"""Endpoints for orders."""

import asyncio

import requests
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients import inventory, payments, update_recommendations
from app.config import PAYMENTS_URL
from app.db import get_session
from app.models import Order
from app.publisher import publisher
from app.schemas import OrderIn, OrderOut

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", response_model=OrderOut, status_code=201)
async def create_order(payload: OrderIn, session: AsyncSession = Depends(get_session)):
    price = await inventory.price(payload.sku)
    reservation_id = await inventory.reserve(payload.sku, payload.quantity)

    order = Order(**payload.model_dump(), total=price * payload.quantity, reservation_id=reservation_id)
    session.add(order)
    await session.commit()

    order.charge_id = await payments.charge(order.id, order.total)
    order.status = "paid"
    await session.commit()

    event = {"order_id": order.id, "email": order.email, "phone": order.phone, "total": str(order.total)}
    publisher.publish("order.paid", event)  # expect: blocking-call-in-async
    asyncio.create_task(update_recommendations(order.customer_id, order.sku))  # expect: task-reference-dropped
    return order


@router.get("", response_model=list[OrderOut])
async def list_orders(customer_id: str, session: AsyncSession = Depends(get_session)):
    result = await session.execute(select(Order).where(Order.customer_id == customer_id))
    return result.scalars().all()


@router.get("/{order_id}", response_model=OrderOut)
async def get_order(order_id: int, session: AsyncSession = Depends(get_session)):
    order = await session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404, detail="No such order")
    return order


@router.get("/{order_id}/receipt")
def get_receipt(order_id: int):
    # No coroutine: the framework runs this in a thread, and requests may block it.
    response = requests.get(f"{PAYMENTS_URL}/charges", params={"order_id": order_id}, timeout=(3.05, 10))  # expect: call-without-circuit-breaker
    response.raise_for_status()
    return {"order_id": order_id, "charges": response.json()}


@router.post("/{order_id}/cancel", response_model=OrderOut)
async def cancel_order(order_id: int, session: AsyncSession = Depends(get_session)):
    order = await session.get(Order, order_id, with_for_update=True)
    if order is None:
        raise HTTPException(status_code=404, detail="No such order")
    if order.charge_id:
        await payments.refund(order.charge_id)
    if order.reservation_id:
        await inventory.release(order.reservation_id)
    order.status = "cancelled"
    await session.commit()
    await asyncio.to_thread(publisher.publish, "order.cancelled", {"order_id": order.id, "email": order.email})
    return order
