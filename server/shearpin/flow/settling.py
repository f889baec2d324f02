"""How messages are settled: acknowledged before they are treated, left unsettled by a failure, put back for ever."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import Ack, Sleep, Subscribe
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.consumers import Handling, changes_of, effects_of, settlements
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.order import Catch, catches, effects_through, every_statement, follows, takes
from shearpin.flow.regions import Region, enclosing, regions
from shearpin.flow.risks import Risk, risks
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.modules import models
from shearpin.meaning.scopes import leaves, part_ids, scope_of, scopes, walk
from shearpin.query import Database, keys, query
from shearpin.services.layout import service_of_folder
from shearpin.syntax import ir
from shearpin.text.spans import start_of

#: words in a condition that show that somebody counts how often a message came
_COUNTS = ("redeliver", "death", "retry", "retries", "attempt", "tries", "count", "deliver", "header")
#: failures that come back with the message, however often it is treated
_PERMANENT = frozenset(
    f"builtins.{name}" for name in ("ValueError", "KeyError", "TypeError", "AttributeError", "LookupError")
) | frozenset(("json.JSONDecodeError", "json.decoder.JSONDecodeError", "pydantic.ValidationError"))
_DESCENT = 4


class Early(msgspec.Struct, frozen=True):
    """A message is acknowledged at `ack` before `change` happens."""

    ack: Reached
    change: Reached


def early_ack(db: Database, where: Handling) -> Early | None:
    """The first change that follows an acknowledgement of the same message."""
    for _ in range(_DESCENT):
        acks = [item for item in settlements(db, where) if _is_plain_ack(item)]
        changes = changes_of(db, where)
        for ack in acks:
            place = ack.first.start
            if _in_cleanup(db, where.function, place):
                continue
            for change in changes:
                if follows(db, where.function, place, change.first.start):
                    return Early(ack, change)
        inner = _delegated(db, where, acks, changes)
        if inner is None:
            return None
        where = inner
    return None


def _is_plain_ack(item: Reached) -> bool:
    return isinstance(item.effect, Ack) and item.effect.kind == "ack" and not item.effect.around


def _in_cleanup(db: Database, function: FunctionId, position: int) -> bool:
    return any(region.kind in {"handler", "finally"} for region in enclosing(db, function, position))


def _delegated(db: Database, where: Handling, acks: list[Reached], changes: tuple[Reached, ...]) -> Handling | None:
    """The one function to which the handler leaves both, acknowledgement and work."""
    shared = {item.first for item in acks if item.hops} & {item.first for item in changes if item.hops}
    for call in calls_in(db, where.function):
        if call.site in shared:
            callee = next((c for c in call.callees if c.mode is Mode.DIRECT), None)
            if callee is not None and callee.function != where.function:
                return Handling(callee.function, 0, 1 << 60, "callback")
    return None


# ------------------------------------------------------------------ poison


class Unsettled(msgspec.Struct, frozen=True):
    """A message that cannot be treated: `site` is where that shows, `note` says what becomes of it.

    `answer`: "stuck" (it stays unsettled), "never" (none is ever settled), "ends" (the consumer ends), "settled" or
    "unknown".
    """

    answer: str
    note: str
    site: Site | None = None
    hops: tuple[Hop, ...] = ()


def unsettled(db: Database, fact: Subscribe, where: Handling) -> Unsettled:
    """What becomes of a message whose content makes the code fail."""
    if fact.on_failure:
        return Unsettled("settled" if fact.on_failure != "unknown" else "unknown", "the library settles it")
    if fact.settled_by and fact.auto_ack is False and not _acknowledges(db, fact):
        return Unsettled("never", "nothing acknowledges what is read", fact.site)
    found = [risk for risk in risks(db, where.function) if where.holds(risk.first.start)]
    if not found:
        return Unsettled("unknown", "nothing is known to fail because of a message's content")
    answer = Unsettled("settled", "failures of single messages are handled")
    for risk in found:
        fate = _fate(db, fact, where, risk)
        if fate.answer in {"stuck", "ends"}:
            return fate
        if fate.answer == "unknown":
            answer = fate
    return answer


def _acknowledges(db: Database, fact: Subscribe) -> bool:
    """Some code that may run in the same process mentions the method that settles messages."""
    owners = set(service_of_folder(db, fact.site.path))
    found = db.get(keys.mentions(fact.settled_by))
    for path, _ in found if isinstance(found, tuple) else ():
        others = service_of_folder(db, path)
        if not owners or not others or not owners.isdisjoint(others):
            return True
    return False


def _fate(db: Database, fact: Subscribe, where: Handling, risk: Risk) -> Unsettled:
    place = risk.first.start
    if _settled_around(db, where.function, place):
        return Unsettled("settled", "the message is settled around the work")
    for catch in catches(db, where.function, place):
        if not takes(catch, risk.exceptions) or not where.holds(catch.region.start):
            continue
        if catch.raises:
            continue
        return _handled(db, fact, where, catch, risk)
    return _escaped(db, fact, where, risk)


def _settled_around(db: Database, function: FunctionId, position: int) -> bool:
    """A `with message.process()` around, or a `finally` that settles."""
    acks = [item for item in effects_through(db, function) if isinstance(item.effect, Ack)]
    for region in enclosing(db, function, position):
        if region.kind == "with" and isinstance(region.node, ir.With):
            for ack in acks:
                inside = region.start > ack.first.start >= start_of(region.node.span)
                if isinstance(ack.effect, Ack) and ack.effect.around and inside:
                    return True
        if region.kind == "try" and isinstance(region.node, ir.Try) and region.node.final:
            ends = [r for r in regions(db, function) if r.kind == "finally" and r.node == region.node]
            if any(r.start <= ack.first.start < r.end for r in ends for ack in acks):
                return True
    return False


def _handled(db: Database, fact: Subscribe, where: Handling, catch: Catch, risk: Risk) -> Unsettled:
    """The failure is caught: settled there, or behind, or by nobody."""
    if fact.auto_ack is not False or fact.broker not in {"amqp", "redis-streams"}:
        return Unsettled("settled", "failures of single messages are handled")
    acks = settlements(db, where)
    if not acks:
        return Unsettled("unknown", "where messages are settled is not known")
    if any(catch.region.start <= ack.first.start < catch.region.end for ack in acks):
        return Unsettled("settled", "a handler settles what failed")
    goes_on = not leaves(catch.body)
    if goes_on and any(follows(db, where.function, catch.region.start, ack.first.start) for ack in acks):
        return Unsettled("settled", "it is settled behind the handler")
    if _calls_something_hidden(db, where.function, catch.region):
        return Unsettled("unknown", "what the handler calls is not known")
    return Unsettled("stuck", "the failure is caught and the message is neither acknowledged nor rejected", *_way(risk))


def _calls_something_hidden(db: Database, function: FunctionId, region: Region) -> bool:
    """A call in a handler that nobody resolved and that may settle: it is given something of the message."""
    for call in calls_in(db, function):
        if region.start <= call.site.start < region.end and not call.callees and not call.name:
            names = getattr(call.callee, "name", "")
            if any(word in names.lower() for word in ("ack", "reject", "settle", "dead", "fail", "retry")):
                return True
    return False


def _way(risk: Risk) -> tuple[Site, tuple[Hop, ...]]:
    return risk.site, (*risk.hops, Hop(risk.site, risk.note))


def _escaped(db: Database, fact: Subscribe, where: Handling, risk: Risk) -> Unsettled:
    """The failure leaves the code that treats the message."""
    manual = fact.auto_ack is False
    if where.shape == "callback":
        if fact.broker == "amqp" and manual:
            if not settlements(db, where):
                return Unsettled("unknown", "where messages are settled is not known")
            return Unsettled("stuck", "a failure leaves the message neither acknowledged nor rejected", *_way(risk))
        if fact.broker == "amqp" and fact.is_blocking and _restarts(db, fact) is False:
            return Unsettled("ends", "a failure ends the consumer", *_way(risk))
        return Unsettled("unknown", "what the library does with failures is not known")
    outer = _goes_round(db, where)
    if outer and not (manual and fact.broker in {"amqp", "kafka"}):
        return Unsettled("settled", "the consumer starts again")
    if outer:
        return Unsettled("stuck", "the consumer starts again and gets the same message again", *_way(risk))
    return Unsettled("ends", "a failure ends the loop that takes messages", *_way(risk))


def _goes_round(db: Database, where: Handling) -> bool:
    """A loop around the loop that takes messages catches its failures and goes on."""
    loops = [region for region in enclosing(db, where.function, where.start) if region.kind in {"while", "for"}]
    outer = [region for region in loops if region.start < where.start or region.end > where.end]
    if not outer:
        return False
    return any(
        not leaves(catch.body) and outer[0].start <= catch.region.start < outer[0].end
        for catch in catches(db, where.function, where.start)
    )


@query()
def _restarts(db: Database, fact: Subscribe) -> bool | None:
    """Whether the call that waits for messages stands in a loop that catches its failures; None when not found."""
    found = False
    for part in part_ids(db, fact.site.path):
        for scope in scopes(db, fact.site.path, part).values():
            for call in calls_in(db, scope.function):
                model = models(db).calls.get(call.name)
                if model is not None and model.dispatches:
                    found = True
                    place = call.site.start
                    loops = [r for r in enclosing(db, scope.function, place) if r.kind == "while"]
                    if loops and any(not leaves(catch.body) for catch in catches(db, scope.function, place)):
                        return True
    return False if found else None


# ------------------------------------------------------------- redelivery


class Requeue(msgspec.Struct, frozen=True):
    """A failed message is put back. `answer`: "endless", "bounded" (`note` says by what) or "unknown"."""

    answer: str
    note: str
    ack: Reached | None = None


def requeues(db: Database, where: Handling) -> tuple[Requeue, ...]:
    """The places at which a failed message is put back into its queue."""
    found: list[Requeue] = []
    for item in settlements(db, where):
        ack = item.effect
        if not isinstance(ack, Ack) or not ack.requeue:
            continue
        found.append(_requeue(db, where, item, ack))
    return tuple(found)


def _requeue(db: Database, where: Handling, item: Reached, ack: Ack) -> Requeue:
    if ack.around and ack.gives_up is not False:
        known = ack.gives_up is True
        return Requeue("bounded" if known else "unknown", "a message that comes back is rejected", item)
    function = ack.function
    position = ack.site.start
    if _is_counted(db, function) or _is_counted(db, where.function):
        return Requeue("bounded", "how often it came decides", item)
    if _waits_before(db, where, function, position):
        return Requeue("bounded", "it waits before it is put back", item)
    if ack.around:
        return Requeue("endless", "", item)
    function, position, handler = _handler_around(db, item)
    if handler is None:
        return Requeue("unknown", "it is put back for a reason that is not known", item)
    caught = _caught_by(db, function, handler)
    if not caught.is_broad and not _PERMANENT & set(caught.names):
        return Requeue("bounded", "only some failures put it back", item)
    inner = [r for r in enclosing(db, function, position) if r.start > handler.start and r.kind in {"then", "else"}]
    if inner:
        return Requeue("unknown", "a condition decides", item)
    return Requeue("endless", "", item)


def _handler_around(db: Database, item: Reached) -> tuple[FunctionId, int, Region | None]:
    """The handler in which a message is put back, in the function itself or in one that calls it for that."""
    places = [(item.effect.function, item.effect.site.start)]
    for hop in reversed(item.hops):
        found = next((call for call in calls(db, hop.site.path, hop.site.part) if call.site == hop.site), None)
        if found is not None:
            places.append((found.function, hop.site.start))
    for function, position in places:
        handler = next((r for r in reversed(enclosing(db, function, position)) if r.kind == "handler"), None)
        if handler is not None:
            return function, position, handler
    return *places[0], None


def _caught_by(db: Database, function: FunctionId, handler: Region) -> Catch:
    for region in regions(db, function):
        if region.kind == "try" and isinstance(region.node, ir.Try) and handler.node in region.node.handlers:
            for catch in catches(db, function, region.start):
                if catch.region.start == handler.start:
                    return catch
    return Catch(("?",), is_broad=False, region=handler)


def _is_counted(db: Database, function: FunctionId) -> bool:
    """A condition in the function looks at how often a message came."""
    scope = scope_of(db, function)
    for stmt in every_statement(body_of(db, scope)) if scope is not None else ():
        if isinstance(stmt, ir.If) and any(_mentions_count(expr) for expr in expressions_of(stmt)):
            return True
    return False


def _mentions_count(expr: ir.Expr) -> bool:
    for node in walk(expr):
        word = node.attr if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""
        if isinstance(node, ir.Literal) and isinstance(node.value, str):
            word = node.value
        if any(part in word.lower() for part in _COUNTS):
            return True
    return False


def _waits_before(db: Database, where: Handling, function: FunctionId, position: int) -> bool:
    around = enclosing(db, function, position)
    block = around[-1] if around else None
    return any(
        isinstance(item.effect, Sleep)
        and item.effect.function == function
        and item.effect.site.start < position
        and (block is None or block.start <= item.effect.site.start)
        for item in effects_of(db, where)
    )
