"""Circuit breakers of the services behind the gateway."""

import httpx
from fastapi import HTTPException
from purgatory import AsyncCircuitBreakerFactory

# Refusals say nothing about whether the other side is up.
breakers = AsyncCircuitBreakerFactory(
    default_threshold=5,
    default_ttl=30,
    exclude=[
        (HTTPException, lambda error: error.status_code < 500),
        (httpx.HTTPStatusError, lambda error: error.response.status_code < 500),
    ],
)
