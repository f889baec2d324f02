"""Public API of the shop."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request

from .auth import current_user, require_admin
from .catalog import keep_fresh, load_catalog, products
from .config import settings
from .schemas import OrderIn, StockIn

background: set[asyncio.Task] = set()


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.http = httpx.AsyncClient(timeout=settings.request_timeout)  # expect: call-without-circuit-breaker
    refresher = asyncio.create_task(keep_fresh(app.state.http))
    yield
    refresher.cancel()
    await asyncio.gather(refresher, return_exceptions=True)
    await app.state.http.aclose()


app = FastAPI(title="Shop gateway", lifespan=lifespan)


def http_client(request: Request) -> httpx.AsyncClient:
    return request.app.state.http


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/api/products")
async def list_products():
    return list(products.values())


@app.get("/api/products/{sku}")
async def get_product(sku: str, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.get(f"{settings.inventory_url}/products/{sku}")
    if response.status_code == 404:
        raise HTTPException(status_code=404, detail="No such product")
    response.raise_for_status()
    return response.json()


@app.post("/api/orders", status_code=201)
async def place_order(order: OrderIn, user: dict = Depends(current_user)):
    async with httpx.AsyncClient() as client:  # expect: client-per-request, call-without-circuit-breaker
        payload = order.model_dump() | {"customer_id": user["sub"]}
        response = await client.post(f"{settings.orders_url}/orders", json=payload)  # expect: unchecked-response
    created = response.json()
    return {"id": created["id"], "status": created["status"]}


@app.get("/api/orders/{order_id}")
async def get_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    # Three tries, then give up: this loop ends.
    for attempt in range(3):
        try:
            response = await client.get(f"{settings.orders_url}/orders/{order_id}")
            response.raise_for_status()
            return response.json()
        except httpx.TransportError:
            time.sleep(2**attempt)  # expect: blocking-call-in-async
    raise HTTPException(status_code=503, detail="Orders are not available")


@app.get("/api/orders/{order_id}/tracking")
async def track_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.get(f"{settings.orders_url}/orders/{order_id}/shipment")  # expect: unknown-endpoint
    response.raise_for_status()
    shipment = response.json()
    return {"order_id": order_id, "carrier": shipment["carrier"], "state": shipment["state"]}


@app.post("/api/orders/{order_id}/cancel")
async def cancel_order(order_id: int, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.post(f"{settings.orders_url}/orders/{order_id}/cancel")
    if response.is_error:
        raise HTTPException(status_code=response.status_code, detail="The order could not be cancelled")
    return {"id": order_id, "status": "cancelled"}


@app.put("/api/admin/products/{sku}/stock", dependencies=[Depends(require_admin)])
async def set_stock(sku: str, stock: StockIn, client: httpx.AsyncClient = Depends(http_client)):
    response = await client.put(f"{settings.inventory_url}/products/{sku}/stock", json=stock.model_dump())  # expect: unknown-endpoint
    response.raise_for_status()
    asyncio.create_task(load_catalog(client))  # expect: task-reference-dropped
    return {"sku": sku, "quantity": stock.quantity}


@app.post("/api/admin/catalog/reload", status_code=202, dependencies=[Depends(require_admin)])
async def reload_catalog(client: httpx.AsyncClient = Depends(http_client)):
    # The set keeps the task alive until it is done.
    task = asyncio.create_task(load_catalog(client))
    background.add(task)
    task.add_done_callback(background.discard)
    return {"status": "started"}


@app.post("/api/admin/catalog/warm", status_code=202, dependencies=[Depends(require_admin)])
async def warm_catalog(tasks: BackgroundTasks, client: httpx.AsyncClient = Depends(http_client)):
    tasks.add_task(load_catalog, client)
    return {"status": "started"}
