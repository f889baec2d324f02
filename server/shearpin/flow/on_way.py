"""An effect as one way of calls makes it: what a wrapper sends depends on who calls it."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import BaseEffect
from shearpin.flow.effects import Reached
from shearpin.flow.settled import settled
from shearpin.query import Database


def on_way(db: Database, item: Reached) -> Reached:
    """The same way, with the effect's values as the calls on it settle them."""
    effect = item.effect
    if not item.hops or not isinstance(effect, BaseEffect):
        return item
    through = [hop.site for hop in item.hops]
    found = []
    for one in settled(db, effect.site.path, effect.site.part):
        if type(one.fact) is type(effect) and one.fact.site == effect.site:
            # Where an object is constructed is no call on the way.
            called = [hop.site for hop in one.hops if hop.note.startswith("called")]
            length = min(len(called), len(through))
            if not length or called[-length:] == through[-length:]:
                found.append((length, one.fact))
    best = max(found, key=lambda pair: pair[0], default=None)
    if best is None or best[1] == effect:
        return item
    return msgspec.structs.replace(item, effect=best[1])
