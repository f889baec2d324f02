"""Fraud scoring by an outside company."""

import pybreaker
import requests

from .config import Config

session = requests.Session()
session.headers["Accept"] = "application/json"
breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)


@breaker
def score(order_id: int, amount: str) -> float:
    response = session.post(Config.FRAUD_URL, json={"order_id": order_id, "amount": amount}, timeout=1)
    response.raise_for_status()
    return response.json()["score"]
