"""Token checks against the identity provider."""

import requests
from fastapi import Header, HTTPException

from .config import settings


def introspect(token: str) -> dict:
    """Ask the identity provider who the token belongs to."""
    response = requests.post(settings.identity_url, data={"token": token})  # expect: call-without-timeout, call-without-circuit-breaker
    response.raise_for_status()
    claims = response.json()
    if not claims.get("active"):
        raise HTTPException(status_code=401, detail="Token is not active")
    return claims


def current_user(authorization: str = Header()) -> dict:
    """A plain function: FastAPI runs it in its thread pool, so the event loop goes on."""
    return introspect(authorization.removeprefix("Bearer "))


async def require_admin(authorization: str = Header()) -> dict:
    """Only administrators pass."""
    claims = introspect(authorization.removeprefix("Bearer "))  # expect: blocking-call-in-async
    if "admin" not in claims.get("roles", []):
        raise HTTPException(status_code=403, detail="Administrators only")
    return claims
