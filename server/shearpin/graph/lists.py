"""Lists that serve as queues: somebody waits for their entries, so who adds to them sends."""

from __future__ import annotations

from shearpin.facts.fact import Publish, StoreCall, Subscribe
from shearpin.facts.value import Const
from shearpin.flow.consumers import operation_of
from shearpin.flow.settled import settled
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.reach import services_running
from shearpin.meaning.callers import mentioning_parts
from shearpin.query import Database, query

LISTS = "redis-lists"
_TAKES = ("blpop", "brpop")
_ADDS = frozenset(("lpush", "rpush"))


@query()
def awaited_lists(db: Database) -> frozenset[str]:
    """The names of lists for whose entries any service waits."""
    found: set[str] = set()
    for path, part in dict.fromkeys(place for name in _TAKES for place in mentioning_parts(db, name)):
        for item in settled(db, path, part):
            if isinstance(item.fact, Subscribe) and item.fact.broker == LISTS:
                for service in services_running(db, item.outer.path) or services_running(db, path):
                    found.update(text.text for text in texts(db, item.fact.topic, service) if HOLE not in text.text)
    return frozenset(found)


def sent_to_list(db: Database, call: StoreCall, service_id: str) -> Publish | None:
    """An entry that is added to a list for whose entries somebody waits, as a message."""
    if call.store != "redis" or call.kind != "write" or operation_of(db, call) not in _ADDS:
        return None
    names = {text.text for text in texts(db, call.object, service_id)}
    if not names or not names <= awaited_lists(db):
        return None
    return Publish(
        site=call.site,
        head=call.head,
        function=call.function,
        library=call.library,
        is_blocking=call.is_blocking,
        is_awaited=call.is_awaited,
        usage=call.usage,
        broker=LISTS,
        topic=call.object,
        key=Const(""),
        target=call.target,
        handle=call.handle,
    )
