"""What was sent already: the broker delivers a message at least once, the customer should get it once."""

import redis

from notifications.config import SENT_URL

WEEK = 7 * 24 * 3600

store = redis.Redis.from_url(SENT_URL, socket_timeout=2, socket_connect_timeout=2)


def was_sent(message_id: str) -> bool:
    return bool(store.exists(f"sent:{message_id}"))


def note_sent(message_id: str) -> None:
    store.set(f"sent:{message_id}", 1, ex=WEEK)
