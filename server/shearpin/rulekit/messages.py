"""Words about messages that several rules need: what a topic is called, and whether it carries measurements only."""

from __future__ import annotations

import re

from shearpin.facts.fact import Publish, Subscribe
from shearpin.facts.site import Site
from shearpin.facts.value import Const, Env, FuncRef, Value
from shearpin.rulekit.verdict import Action, FixPlan, Grade

_WORDS = re.compile(r"[a-z]+")
_TELEMETRY = frozenset(
    ("log", "logs", "logging", "metric", "metrics", "telemetry", "trace", "traces", "tracing", "heartbeat",
     "heartbeats", "stats", "statistics", "monitoring", "health", "debug", "presence")
)  # fmt: skip
_KINDS = {"redis-pubsub": "channel", "redis-streams": "stream", "kafka": "topic", "celery": "task", "nats": "subject"}


def text_of(value: Value) -> str:
    """A name that is known, "" otherwise; an environment variable counts by its default."""
    if isinstance(value, Env):
        return "" if value.default is None else text_of(value.default)
    if isinstance(value, FuncRef):
        return value.function.part.rpartition(".")[2]
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def is_telemetry(value: Value) -> bool:
    """A topic whose name says that losing a message loses a measurement."""
    return not _TELEMETRY.isdisjoint(_WORDS.findall(text_of(value).lower()))


def name_of(fact: Publish | Subscribe) -> str:
    """The topic, channel or queue of a fact, for people."""
    if fact.broker == "amqp":
        topic = text_of(fact.topic)
        return f"exchange {topic}" if topic else f"queue {text_of(fact.key)}" if text_of(fact.key) else "this queue"
    kind = _KINDS.get(fact.broker, "topic")
    topic = text_of(fact.topic)
    return f"{kind} {topic}" if topic else f"this {kind}"


def renamed(literal: Site | None, name: str) -> tuple[FixPlan, ...]:
    """The fix that writes another name in place of a literal."""
    if literal is None or not name or '"' in name or "\\" in name:
        return ()
    action = Action("replace", literal, f'"{name}"')
    return (FixPlan(f"Rename to {name}", Grade.REVIEW, (action,)),)
