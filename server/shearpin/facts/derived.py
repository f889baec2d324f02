"""Facts that `flow` derives from several facts and the code between them. Rules subscribe to them like to others."""

from __future__ import annotations

from typing import TypeAlias

from shearpin.facts.fact import BaseFact, Effect, HttpCall
from shearpin.facts.site import Hop, Site


class LoopBlock(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A call in a coroutine that blocks the event loop.

    `site` is the call in the coroutine, `effect` what blocks, `hops` the way to it (() when the call is the effect).
    `is_movable`: the called function uses only objects made inside it, so another thread may run it.
    """

    effect: Effect
    is_movable: bool
    hops: tuple[Hop, ...] = ()


class RetryLoop(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A hand-written loop that makes a remote effect again when it fails, and ends when it succeeds.

    `limit`: "none", "bounded" or "unknown"; `limit_note` says why. `wait`: "none", "fixed", "growing" or "unknown";
    `wait_seconds` the fixed pause. `effect` is what is tried again, `hops` the way to it. `attempts`: total tries, None
    when not known. `tried` is the block that is tried again. `failures`: canonical names of the exceptions after which
    it goes on, None when not known; `caught` names them when one handler does, and `handler` is the first statement of
    that handler. `is_selective`: a handler looks at the error before it goes on. `counter`: the loop variable that
    counts attempts from 0, "" for none.
    """

    effect: Effect
    limit: str
    limit_note: str
    wait: str
    wait_seconds: float | None
    hops: tuple[Hop, ...] = ()
    attempts: int | None = None
    tried: Site | None = None
    failures: tuple[str, ...] | None = None
    caught: Site | None = None
    handler: Site | None = None
    is_selective: bool = False
    counter: str = ""


class ResponseFate(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """What becomes of the response of an HTTP call that does not raise on a bad status by itself.

    `outcome`: "tested" (by what: `note`), "untested", "unknown" (why: `note`). For "untested" `use` is the place that
    goes on as if the call had succeeded and `use_note` says how. `site` is the call, or the call of the wrapper whose
    answer is dropped; then `call.site` is elsewhere and `hops` lead to it.
    """

    call: HttpCall
    outcome: str
    note: str
    use: Site | None = None
    use_note: str = ""
    #: name by which the response can be addressed right after the call, for fixes ("" when it has none)
    result_name: str = ""
    hops: tuple[Hop, ...] = ()


DerivedFact: TypeAlias = LoopBlock | RetryLoop | ResponseFate
