"""Sends the events of the outbox to RabbitMQ and to the recommendation engine. A process of its own."""

import json
import logging
import time

import httpx
import pika
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from app.config import DATABASE_URL, RABBITMQ_URL, RECOMMENDATIONS_URL
from app.models import OutboxEvent

EXCHANGE = "shop.events"

logger = logging.getLogger(__name__)
engine = create_engine(make_url(DATABASE_URL).set(drivername="postgresql+psycopg2"), pool_pre_ping=True)
SessionLocal = sessionmaker(engine)
recommendations = httpx.Client(base_url=RECOMMENDATIONS_URL, timeout=5.0)


def open_channel(connection: pika.BlockingConnection):
    channel = connection.channel()
    channel.exchange_declare(exchange=EXCHANGE, exchange_type="topic", durable=True)
    channel.confirm_delivery()
    return channel


def send_batch(session: Session, channel) -> int:
    """Send up to a hundred events; rows that another relay holds are skipped."""
    waiting = select(OutboxEvent).where(OutboxEvent.sent.is_(False)).order_by(OutboxEvent.id).limit(100)
    events = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    for event in events:
        channel.basic_publish(
            exchange=EXCHANGE,
            routing_key=event.routing_key,
            body=json.dumps(event.payload),
            properties=pika.BasicProperties(message_id=str(event.id), content_type="application/json", delivery_mode=2),
            mandatory=True,
        )
        if event.routing_key == "order.paid":
            recommend(event)
        event.sent = True
    session.commit()
    return len(events)


def recommend(event: OutboxEvent) -> None:
    """The engine drops an event whose id it has seen."""
    response = recommendations.post("/events", json={"id": event.id, "order": event.payload})
    response.raise_for_status()


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    # The worker's loop: each round sends what is waiting, and a failed round comes again after a pause.
    while True:
        try:
            with pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL)) as connection:
                channel = open_channel(connection)
                while True:
                    with SessionLocal() as session:
                        sent = send_batch(session, channel)
                    if sent == 0:
                        connection.sleep(1)
        except Exception:
            logger.exception("The relay starts again")
            time.sleep(5)


if __name__ == "__main__":
    main()
