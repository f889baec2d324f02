"""An effect in words, as seen from one service: what it reaches there, how long it may take, what it blocks."""

from __future__ import annotations

from shearpin.facts.fact import (
    Ack,
    Blocking,
    Effect,
    HttpCall,
    Publish,
    RemoteCall,
    Sleep,
    Spawn,
    StoreCall,
    Subscribe,
)
from shearpin.facts.value import Const, Value
from shearpin.flow.story import Told
from shearpin.flow.ways import describe
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.attributes import attempts_of, timeout_of
from shearpin.graph.edges import method_of, targets
from shearpin.graph.model import Attribute
from shearpin.query import Database

_MOST = 3


def effect_words(db: Database, effect: Effect, service: str) -> str:
    """What an effect is: `http POST /charge -> payments`."""
    match effect:
        case HttpCall():
            return f"http {_http(db, effect, service)}"
        case RemoteCall(protocol=protocol, operation=operation, target=target):
            return _words(protocol, _text(db, operation, service), _to(_text(db, target, service)))
        case StoreCall(store=store, kind=kind, object=thing):
            return _words(store, "uses" if kind == "unknown" else kind, _text(db, thing, service))
        case Publish(broker=broker, topic=topic, key=key):
            return _words(broker, "publish", _text(db, key, service), _to(_text(db, topic, service)))
        case Subscribe(broker=broker, topic=topic, key=key):
            return _words(broker, "consume", _text(db, key, service), _to(_text(db, topic, service)))
        case Ack(kind=kind, requeue=requeue):
            again = " and puts it back" if requeue and kind != "ack" else ""
            return f"settles the message: {kind}{again}"
        case Blocking(what=what):
            return what
        case Sleep(seconds=seconds):
            number = seconds.value if isinstance(seconds, Const) else None
            return "pauses" if number is None else f"pauses for {number} s"
        case Spawn():
            return _spawned(db, effect)


def effect_details(told: Told) -> str:
    """Time limits, attempts and what waits meanwhile; "" when there is nothing to say."""
    effect = told.effect
    words: list[str] = []
    if isinstance(effect, (HttpCall, RemoteCall, StoreCall)):
        limit = timeout_of(effect.timeout)
        words += [] if limit is None else [_attribute("timeout", limit)]
    if isinstance(effect, HttpCall) and (attempts := attempts_of(effect.transport_attempts)) is not None:
        words.append(_attribute("attempts", attempts))
    if told.limit.answer == "yes":
        words.append(told.limit.note)
    elif told.limit.answer == "unknown":
        words.append(f"perhaps limited: {told.limit.note}")
    if not isinstance(effect, (Spawn, Ack)):
        words.append("blocks its thread" if effect.is_blocking else "awaited" if effect.is_awaited else "not awaited")
    return "; ".join(words)


def _http(db: Database, call: HttpCall, service: str) -> str:
    found = list(dict.fromkeys((target.address.path, target.id) for target in targets(db, call, service)))
    shown = [f"{path}{_to(name)}" for path, name in found[:_MOST]]
    if len(found) > _MOST:
        shown.append(f"and {len(found) - _MOST} more")
    return f"{method_of(db, call, service)} {', '.join(shown) or '{}'}"


def _text(db: Database, value: Value, service: str) -> str:
    """A value as text; "" when nothing of it is known."""
    found = dict.fromkeys(text.text.replace(HOLE, "{}") for text in texts(db, value, service))
    known = [text for text in found if text.strip("{}")]
    return "|".join(known[:_MOST])


def _to(name: str) -> str:
    return f" -> {name}" if name else ""


def _words(*words: str) -> str:
    return "".join(word if word.startswith(" ->") else f" {word}" for word in words if word).strip()


def _attribute(name: str, attribute: Attribute) -> str:
    return f"{name} {attribute.value}" + (f" ({attribute.origin})" if attribute.origin else "")


def _spawned(db: Database, spawn: Spawn) -> str:
    name = "" if spawn.target is None else f" that runs {describe(db, spawn.target)}"
    return f"starts a {spawn.kind}{name}" + (", supervised" if spawn.is_supervised else ", which nobody supervises")
