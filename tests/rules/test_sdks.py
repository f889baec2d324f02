"""Requests of SDKs: what they repeat by themselves, and what a retry around them repeats."""

from __future__ import annotations

import pytest

from ..support import check, expected

HEAD = """\
import stripe
import tenacity
from openai import OpenAI

client = OpenAI()
few = tenacity.stop_after_attempt(2)
calm = tenacity.wait_exponential_jitter()
"""
UNSAFE = """\
@tenacity.retry(stop=few, wait=calm, retry=tenacity.retry_if_exception_type(stripe.APIConnectionError))
def pay(order):
    return stripe.Refund.create(charge=order.charge)
"""
KEYED = """\
@tenacity.retry(stop=few, wait=calm, retry=tenacity.retry_if_exception_type(stripe.APIConnectionError))
def pay(order):
    return stripe.Refund.create(charge=order.charge, idempotency_key=order.id)
"""
MODEL = """\
@tenacity.retry(stop=few, wait=calm)
def ask():
    return client.chat.completions.create(model="m", messages=[])
"""


@pytest.mark.parametrize(("body", "found"), [(UNSAFE, 1), (KEYED, 0), (MODEL, 0)], ids=["unsafe", "keyed", "model"])
def test_a_retry_around_an_sdk(body: str, found: int):
    rules = [item.rule for item in check({"app.py": f"{HEAD}\n{body}"})]
    assert rules.count("retry-of-unsafe-call") == found
    assert "call-without-timeout" not in rules


AGAIN = """\
from fastapi import FastAPI

app = FastAPI()
thrice = tenacity.stop_after_attempt(3)

@tenacity.retry(stop=thrice, wait=calm)  # expect: retry-amplification
def ask():
    return client.chat.completions.create(model="m", messages=[])

@app.get("/")
def answer():
    return ask()
"""


def test_attempts_of_an_sdk_and_of_the_code_multiply():
    files = {"app.py": f"{HEAD}\n{AGAIN}"}
    assert [item for item in check(files) if item.rule == "retry-amplification"] == expected(files)
