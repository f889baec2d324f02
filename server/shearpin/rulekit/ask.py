"""What a rule may ask: questions to meaning, flow and graph about one fact, each three-valued."""

from __future__ import annotations

from dataclasses import dataclass

from shearpin.facts.site import Hop
from shearpin.query import Database


@dataclass(frozen=True, slots=True)
class Ask:
    """The context of one check. `hops` tell how the fact's values came from callers, outermost first."""

    db: Database
    hops: tuple[Hop, ...] = ()
    services: tuple[str, ...] = ()
