"""HTTP clients for the services that orders depends on."""

from decimal import Decimal

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from app.config import INVENTORY_URL, PAYMENTS_URL, RECOMMENDATIONS_URL

# Payments can be slow at the end of the month.
http = httpx.AsyncClient(timeout=None)  # expect: call-without-timeout, call-without-circuit-breaker


class InventoryClient:
    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    async def price(self, sku: str) -> Decimal:
        response = await self._client.get(f"{self._base_url}/products/{sku}")
        response.raise_for_status()
        return Decimal(response.json()["price"])

    async def reserve(self, sku: str, quantity: int) -> str:
        response = await self._client.post(f"{self._base_url}/reserve", json={"sku": sku, "quantity": quantity})  # expect: unknown-endpoint
        response.raise_for_status()
        return response.json()["reservation_id"]

    async def release(self, reservation_id: str) -> None:
        response = await self._client.delete(f"{self._base_url}/reservations/{reservation_id}")
        response.raise_for_status()


class PaymentsClient:
    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    @retry(wait=wait_exponential(max=30), retry=retry_if_exception_type(httpx.ConnectError))  # expect: unbounded-retry
    async def charge(self, order_id: int, amount: Decimal) -> str:
        body = {"order_id": order_id, "amount": str(amount)}
        response = await self._client.post(f"{self._base_url}/charges", json=body)  # expect: unchecked-response, call-without-circuit-breaker
        return response.json()["charge_id"]

    @retry(stop=stop_after_attempt(4), wait=wait_exponential(max=10), retry=retry_if_exception_type(httpx.ConnectError))
    async def refund(self, charge_id: str) -> None:
        response = await self._client.post(f"{self._base_url}/charges/{charge_id}/refund")
        response.raise_for_status()


async def update_recommendations(customer_id: str, sku: str) -> None:
    """Tell the recommendation engine what was bought."""
    event = {"customer": customer_id, "sku": sku}
    response = await http.post(f"{RECOMMENDATIONS_URL}/events", json=event)  # expect: call-without-circuit-breaker
    response.raise_for_status()


inventory = InventoryClient(http, INVENTORY_URL)
payments = PaymentsClient(http, PAYMENTS_URL)
