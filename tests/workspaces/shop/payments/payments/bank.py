"""Client of the bank's API."""

import time

import requests

from .config import Config

# One pooled session for the whole process.
session = requests.Session()


def authorize(order_id: int, amount: str) -> str:
    """Reserve the amount on the customer's card."""
    payload = {"reference": f"order-{order_id}", "amount": amount, "currency": "EUR"}
    response = requests.post(f"{Config.BANK_URL}/authorizations", json=payload)  # expect: call-without-timeout, unchecked-response, call-without-circuit-breaker
    return response.json()["authorization_id"]


def capture(authorization_id: str) -> str:
    """Take the money. The bank is down at times, so keep trying."""
    while True:  # expect: unbounded-retry, retry-of-permanent-error, retry-of-unsafe-call
        try:
            response = session.post(
                f"{Config.BANK_URL}/captures",
                json={"authorization_id": authorization_id},
                timeout=Config.BANK_TIMEOUT,
            )
            response.raise_for_status()
            return response.json()["capture_id"]
        except requests.RequestException:
            time.sleep(1)


def refund(capture_id: str) -> None:
    response = session.post(f"{Config.BANK_URL}/refunds", json={"capture_id": capture_id}, timeout=Config.BANK_TIMEOUT)
    if not response.ok:
        raise RuntimeError(f"The bank refused the refund: {response.status_code}")


def wait_until_settled(capture_id: str) -> bool:
    """Ask ten times whether the bank has settled; waiting for a state is no retry."""
    for _ in range(10):
        response = session.get(f"{Config.BANK_URL}/captures/{capture_id}", timeout=Config.BANK_TIMEOUT)
        response.raise_for_status()
        if response.json()["status"] == "settled":
            return True
        time.sleep(2)
    return False
