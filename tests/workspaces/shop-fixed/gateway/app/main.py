"""Public API of the shop."""

import asyncio
import logging
import random
from contextlib import asynccontextmanager

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException

from .auth import current_user, http_client, require_admin
from .breakers import breakers
from .catalog import keep_fresh, load_catalog, products
from .config import settings
from .schemas import OrderIn, StockIn

logger = logging.getLogger(__name__)
background: set[asyncio.Task] = set()


def keep(task: asyncio.Task) -> None:
    """Hold the task until it is done, and tell when it failed."""
    background.add(task)
    task.add_done_callback(finished)


def finished(task: asyncio.Task) -> None:
    background.discard(task)
    if not task.cancelled() and task.exception() is not None:
        logger.error("A background task failed", exc_info=task.exception())


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.http = httpx.AsyncClient(timeout=settings.request_timeout)
    refresher = asyncio.create_task(keep_fresh(app.state.http))
    yield
    refresher.cancel()
    await asyncio.gather(refresher, return_exceptions=True)
    await app.state.http.aclose()


app = FastAPI(title="Shop gateway", lifespan=lifespan)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/api/products")
async def list_products():
    return list(products.values())


@app.get("/api/products/{sku}")
@breakers("inventory")
async def get_product(sku: str, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.get(f"{settings.inventory_url}/products/{sku}")
    if response.status_code == 404:
        raise HTTPException(status_code=404, detail="No such product")
    response.raise_for_status()
    return response.json()


@app.post("/api/orders", status_code=201)
@breakers("orders")
async def place_order(
    order: OrderIn, user: dict = Depends(current_user), client: httpx.AsyncClient = Depends(http_client)
):
    payload = order.model_dump() | {"customer_id": user["sub"]}
    response = await client.post(f"{settings.orders_url}/orders", json=payload)
    response.raise_for_status()
    created = response.json()
    return {"id": created["id"], "status": created["status"]}


@app.get("/api/orders/{order_id}")
@breakers("orders")
async def get_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    # Three tries, then give up: this loop ends.
    for attempt in range(3):
        try:
            response = await client.get(f"{settings.orders_url}/orders/{order_id}")
            response.raise_for_status()
            return response.json()
        except httpx.TransportError:
            await asyncio.sleep(2**attempt + random.random())
    raise HTTPException(status_code=503, detail="Orders are not available")


@app.get("/api/orders/{order_id}/tracking")
@breakers("orders")
async def track_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.get(f"{settings.orders_url}/orders/{order_id}/shipment")
    response.raise_for_status()
    shipment = response.json()
    return {"order_id": order_id, "carrier": shipment["carrier"], "state": shipment["state"]}


@app.post("/api/orders/{order_id}/cancel")
@breakers("orders")
async def cancel_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.post(f"{settings.orders_url}/orders/{order_id}/cancel")
    if response.is_error:
        raise HTTPException(status_code=response.status_code, detail="The order could not be cancelled")
    return {"id": order_id, "status": "cancelled"}


@app.put("/api/admin/products/{sku}/stock", dependencies=[Depends(require_admin)])
@breakers("inventory")
async def set_stock(sku: str, stock: StockIn, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.put(f"{settings.inventory_url}/products/{sku}/stock", json=stock.model_dump())
    response.raise_for_status()
    keep(asyncio.create_task(load_catalog(client)))
    return {"sku": sku, "quantity": stock.quantity}


@app.post("/api/admin/catalog/reload", status_code=202, dependencies=[Depends(require_admin)])
async def reload_catalog(client: httpx.AsyncClient = Depends(http_client)):
    keep(asyncio.create_task(load_catalog(client)))
    return {"status": "started"}


@app.post("/api/admin/catalog/warm", status_code=202, dependencies=[Depends(require_admin)])
async def warm_catalog(tasks: BackgroundTasks, client: httpx.AsyncClient = Depends(http_client)):
    tasks.add_task(load_catalog, client)
    return {"status": "started"}
