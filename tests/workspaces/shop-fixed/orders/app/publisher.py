"""Writes order events to the outbox; the relay sends them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import OutboxEvent


def record(session: AsyncSession, routing_key: str, event: dict) -> None:
    """Add the event to the transaction of what it tells about: both are stored, or none."""
    session.add(OutboxEvent(routing_key=routing_key, payload=event))
