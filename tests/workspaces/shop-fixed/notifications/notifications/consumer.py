"""Turns order events into messages to customers."""

import json
import logging
import time

import pika

from notifications.config import RABBITMQ_URL
from notifications.tasks import send_email, send_sms

logger = logging.getLogger(__name__)

EXCHANGE = "shop.events"
QUEUE = "notifications.orders"

SUBJECTS = {
    "order.paid": "Thank you for your order",
    "order.cancelled": "Your order was cancelled",
}


def connect() -> pika.BlockingConnection:
    """Wait for the broker at start: it comes up later than this process."""
    while True:
        try:
            return pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL))
        except pika.exceptions.AMQPConnectionError:
            logger.info("The broker is not there yet")
            time.sleep(5)


def on_event(channel, method, properties, body) -> None:
    try:
        event = json.loads(body)
        subject = SUBJECTS[method.routing_key]
        # A message that comes again has the same id: by it the tasks know what they have sent.
        send_email.delay(properties.message_id, event["email"], subject, f"Order {event['order_id']}")
        if event.get("phone"):
            send_sms.delay(properties.message_id, event["phone"], subject)
    except (KeyError, ValueError):
        logger.exception("Cannot read the event")
        channel.basic_nack(delivery_tag=method.delivery_tag, requeue=False)
        return
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    channel = connect().channel()
    channel.exchange_declare(exchange=EXCHANGE, exchange_type="topic", durable=True)
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="order.*")
    channel.basic_qos(prefetch_count=10)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_event)
    channel.start_consuming()


if __name__ == "__main__":
    main()
