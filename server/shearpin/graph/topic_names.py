"""Names of topics as both sides know them: some brokers let code write a whole address instead."""

from __future__ import annotations

#: managed brokers: what connects their topics to queues and functions is often set up outside of all code
MANAGED = frozenset(("sqs", "sns", "kinesis", "eventbridge", "pubsub", "servicebus", "eventhubs"))
_SEPARATORS = {"sqs": "/:", "sns": ":", "kinesis": "/:", "eventbridge": "/", "pubsub": "/"}


def topic_name(protocol: str, text: str) -> str:
    """`orders` for `https://sqs.../1/orders`, `arn:aws:sns:...:orders` and `projects/p/topics/orders`."""
    for separator in _SEPARATORS.get(protocol, ""):
        text = text.rpartition(separator)[2]
    return text
