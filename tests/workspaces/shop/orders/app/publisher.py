"""Publishes order events to RabbitMQ."""

import json

import pika

from app.config import RABBITMQ_URL

EXCHANGE = "shop.events"


class EventPublisher:
    """Keeps one connection and opens it when the first event is sent."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = None
        self._channel = None

    def _open_channel(self):
        if self._channel is None or self._channel.is_closed:
            self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
            self._channel = self._connection.channel()
            self._channel.exchange_declare(exchange=EXCHANGE, exchange_type="topic", durable=True)
        return self._channel

    def publish(self, routing_key: str, event: dict) -> None:
        channel = self._open_channel()
        channel.basic_publish(  # expect: publish-without-confirm
            exchange=EXCHANGE,
            routing_key=routing_key,
            body=json.dumps(event),
            properties=pika.BasicProperties(content_type="application/json", delivery_mode=2),
        )

    def close(self) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


publisher = EventPublisher(RABBITMQ_URL)  # expect: shared-channel-across-threads
