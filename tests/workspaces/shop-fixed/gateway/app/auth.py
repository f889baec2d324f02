"""Token checks against the identity provider."""

import httpx
from fastapi import Depends, Header, HTTPException, Request

from .breakers import breakers
from .config import settings


def http_client(request: Request) -> httpx.AsyncClient:
    return request.app.state.http


@breakers("identity")
async def current_user(
    authorization: str = Header(), client: httpx.AsyncClient = Depends(http_client)
) -> dict:
    """Ask the identity provider who the token belongs to."""
    token = authorization.removeprefix("Bearer ")
    response = await client.post(settings.identity_url, data={"token": token})
    response.raise_for_status()
    claims = response.json()
    if not claims.get("active"):
        raise HTTPException(status_code=401, detail="Token is not active")
    return claims


async def require_admin(claims: dict = Depends(current_user)) -> dict:
    """Only administrators pass."""
    if "admin" not in claims.get("roles", []):
        raise HTTPException(status_code=403, detail="Administrators only")
    return claims
