"""Whether a message that is sent has arrived at the broker before the code goes on, and stays there."""

from __future__ import annotations

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Confirmation, Publish, StoreCall
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Instance
from shearpin.flow.endings import names_in, nodes
from shearpin.flow.handlers import arguments
from shearpin.flow.order import effects_at, effects_through
from shearpin.flow.regions import enclosing
from shearpin.flow.settled import settled
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.scopes import part_ids, scope_of
from shearpin.query import Database, keys, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_LEVELS = 3


class Delivery(msgspec.Struct, frozen=True):
    """`confirmed` and `durable` are "yes", "no" or "unknown"; `note` says by what, or what is not known.

    `channel` is the call that makes the channel, where confirmation could be asked for.
    """

    confirmed: str
    durable: str
    note: str
    channel: ResolvedCall | None = None


def delivery(db: Database, fact: Publish) -> Delivery:
    """What becomes of a message between the code and the broker."""
    durable = {True: "yes", False: "no", None: "unknown"}[fact.is_durable]
    if fact.is_confirmed:
        return Delivery("yes", durable, "the broker confirms it")
    if fact.is_confirmed is None and not fact.confirmed_by:
        return Delivery("unknown", durable, "what becomes of the answer is not known")
    if fact.broker == "kafka":
        flushed = _is_flushed(db, fact.function, fact.site.start, _LEVELS)
        return Delivery("yes" if flushed else "no", durable, "it is flushed" if flushed else "")
    if not fact.confirmed_by:
        return Delivery("no", durable, "")
    return _by_mode(db, fact, durable)


def _by_mode(db: Database, fact: Publish, durable: str) -> Delivery:
    """Confirmation is asked for once on a channel."""
    handle = fact.handle
    made = handle.site if isinstance(handle, Instance) else None
    files = {fact.site.path, *([made.path] if made is not None else [])}
    if any(confirmations(db, path, "mode") for path in files):
        return Delivery("yes", durable, "the channel asks for confirmation")
    if db.get(keys.mentions(fact.confirmed_by)):
        return Delivery("unknown", durable, "another place may ask for confirmation")
    found = calls(db, made.path, made.part) if made is not None else ()
    return Delivery("no", durable, "", next((call for call in found if call.site == made), None))


@query()
def confirmations(db: Database, path: str, kind: str) -> tuple[Site, ...]:
    """Places of a file that ask for confirmation."""
    found = (item.fact for part in part_ids(db, path) for item in settled(db, path, part))
    return tuple(fact.site for fact in found if isinstance(fact, Confirmation) and fact.kind == kind)


def _is_flushed(db: Database, function: FunctionId, position: int, levels: int) -> bool:
    """The function, or one that calls it, flushes behind the place."""
    for item in settled(db, function.path, function.part):
        fact = item.fact
        if isinstance(fact, Confirmation) and fact.kind == "flush" and fact.function == function:
            in_loop = any(region.kind in {"for", "while"} for region in enclosing(db, function, position))
            if fact.site.start > position or in_loop:
                return True
    if levels == 0:
        return False
    edges = callers(db, function)
    return any(_is_flushed(db, edge.call.function, edge.call.site.start, levels - 1) for edge in edges)


def is_relayed(db: Database, fact: Publish) -> bool:
    """A relay sends rows of a store in a loop, and sends them again when it fails."""
    around = enclosing(db, fact.function, fact.site.start)
    reads = [
        effect.site.start
        for effect in effects_at(db, fact.function)
        if isinstance(effect, StoreCall) and effect.kind == "read"
    ]
    loops = [region for region in around if region.kind == "for"]
    return any(start < loop.start for start in reads for loop in loops)


def is_kept_beside(db: Database, fact: Publish) -> bool:
    """The function also puts what it sends into a list, stream or set of the store: who was away finds it there."""
    scope = scope_of(db, fact.function)
    sites = {
        (effect.site.start, effect.site.end)
        for effect in effects_at(db, fact.function)
        if isinstance(effect, StoreCall) and effect.kind == "write" and effect.library == fact.library
    }
    if scope is None or not sites:
        return False
    made = [node for node in nodes(body_of(db, scope)) if isinstance(node, ir.Call)]
    place = (fact.site.start, fact.site.end)
    sent = next((node for node in made if (start_of(node.span), end_of(node.span)) == place), None)
    if sent is None or not sent.args:
        return False
    message = names_in(sent.args[-1])
    stored = (node for node in made if (start_of(node.span), end_of(node.span)) in sites)
    return any(message & names_in(arg) for node in stored for arg in arguments(node)[1:])


def follows_change(db: Database, fact: Publish) -> bool:
    """The function has written to a store before it sends."""
    return any(
        isinstance(item.effect, StoreCall)
        and item.effect.kind in {"write", "commit"}
        and item.first.start < fact.site.start
        for item in effects_through(db, fact.function)
    )
