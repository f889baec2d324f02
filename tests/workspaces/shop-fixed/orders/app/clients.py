"""HTTP clients for the services that orders depends on."""

from decimal import Decimal

import httpx
from purgatory import AsyncCircuitBreakerFactory
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from app.config import INVENTORY_URL, PAYMENTS_URL

# Payments waits for the bank, inventory for nobody.
http = httpx.AsyncClient(timeout=httpx.Timeout(12.0, connect=3.05))
quick = httpx.AsyncClient(timeout=2.0)
# Refusals say nothing about whether the other side is up.
breakers = AsyncCircuitBreakerFactory(
    default_threshold=5,
    default_ttl=30,
    exclude=[(httpx.HTTPStatusError, lambda error: error.response.status_code < 500)],
)


class InventoryClient:
    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    @breakers("inventory")
    async def price(self, sku: str) -> Decimal:
        response = await self._client.get(f"{self._base_url}/products/{sku}")
        response.raise_for_status()
        return Decimal(response.json()["price"])

    @breakers("inventory")
    async def reserve(self, sku: str, quantity: int) -> str:
        response = await self._client.post(f"{self._base_url}/reservations", json={"sku": sku, "quantity": quantity})
        response.raise_for_status()
        return response.json()["reservation_id"]

    @breakers("inventory")
    async def release(self, reservation_id: str) -> None:
        response = await self._client.delete(f"{self._base_url}/reservations/{reservation_id}")
        response.raise_for_status()


class PaymentsClient:
    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    @retry(stop=stop_after_attempt(4), wait=wait_exponential(max=10), retry=retry_if_exception_type(httpx.ConnectError))
    @breakers("payments")
    async def charge(self, order_id: int, amount: Decimal) -> str:
        body = {"order_id": order_id, "amount": str(amount)}
        response = await self._client.post(f"{self._base_url}/charges", json=body)
        response.raise_for_status()
        return response.json()["charge_id"]

    @retry(stop=stop_after_attempt(4), wait=wait_exponential(max=10), retry=retry_if_exception_type(httpx.ConnectError))
    @breakers("payments")
    async def refund(self, charge_id: str) -> None:
        response = await self._client.post(f"{self._base_url}/charges/{charge_id}/refund")
        response.raise_for_status()


inventory = InventoryClient(quick, INVENTORY_URL)
payments = PaymentsClient(http, PAYMENTS_URL)
