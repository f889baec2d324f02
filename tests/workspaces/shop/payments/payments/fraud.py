"""Fraud scoring by an outside company."""

import requests

from .config import Config


def score(order_id: int, amount: str) -> float:
    session = requests.Session()  # expect: client-per-request, call-without-circuit-breaker
    session.headers["Accept"] = "application/json"
    response = session.post(Config.FRAUD_URL, json={"order_id": order_id, "amount": amount}, timeout=5)
    response.raise_for_status()
    return response.json()["score"]
