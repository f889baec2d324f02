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
    that handler. `is_selective`: a handler looks at the error before it goes on, or a person decides. `counter`: the
    loop variable that counts attempts from 0, "" for none. `awaits_state`: it asks again, without changing anything,
    until a deadline: it waits for something to come about.
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
    awaits_state: bool = False


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


class CaughtFailure(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A handler that takes failures of a remote, store or publish effect.

    `effect` is the one that matters most, `hops` the way to it; `changes`: it changes something. `action` is what the
    handler does: "raises", "returns", "compensates", "keeps", "logs", "nothing". `outcome`: "told" (somebody learns of
    the failure, how: `note`), "lost" (whoever waits goes on as if it had succeeded: `use`, `use_note`, `way` the calls
    to it), "answered" (a request is answered with success at `use`), "open" (what it guards goes on at `use`; `guard`
    names the check), "unknown" (why: `note`). `last` is the handler's last statement, None when no fix can stand there;
    `replaces`: it may be replaced (`pass`, `return`). `returns` is the literal it returns, as text. `is_heard_outside`:
    a failure that leaves the handler meets no other that takes everything, and ends no loop that takes messages.
    """

    effect: Effect
    changes: bool
    action: str
    outcome: str
    note: str
    use: Site | None = None
    use_note: str = ""
    guard: str = ""
    hops: tuple[Hop, ...] = ()
    way: tuple[Hop, ...] = ()
    last: Site | None = None
    replaces: bool = False
    returns: str = ""
    is_heard_outside: bool = False


class UnboundName(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A name that only a `try` binds and that is read behind it.

    `site` is the read. `answer`: "unbound" (a handler, at `handler`, goes on without it), "bound" (why: `note`).
    `others` are names that lack a value for the same reason.
    """

    name: str
    answer: str
    note: str
    handler: Site | None = None
    bound: Site | None = None
    others: tuple[str, ...] = ()


class CoroutineCall(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A call of a coroutine function, or a coroutine function that is handed to a library as a callback.

    `answer`: "awaited" (by whom: `note`), "dropped", "data" (its result is used as if it had run, at `use`), "callback"
    (the library calls it and never awaits it) or "unknown". `name` is the function's, `defined` where it stands.
    """

    name: str
    answer: str
    note: str
    defined: Site | None = None
    use: Site | None = None
    use_note: str = ""
    #: putting `await` in front is possible: the call stands in a coroutine
    can_await: bool = False


class FanOut(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """Work that is started once for each element of something, all at the same time.

    `answer`: "unbounded", "bounded" (by what: `note`) or "unknown". `effect` is what each of them does. `coroutine` is
    the call of a coroutine function that is started for each, None when it is written otherwise.
    """

    answer: str
    note: str
    effect: Effect
    hops: tuple[Hop, ...] = ()
    coroutine: Site | None = None


class RepeatedCall(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A remote or store effect in a loop over a collection, one after the other.

    `answer`: "sequential" (one round trip an element), "fine" (why: `note`) or "unknown". `site` is the call in the
    loop, `loop` its head. `awaited` is the whole element `await f(x)` of a list that is made of nothing else.
    """

    answer: str
    note: str
    effect: Effect
    loop: Site
    hops: tuple[Hop, ...] = ()
    awaited: Site | None = None


class HandBreaker(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A circuit breaker that is written by hand, at the place where it becomes half-open.

    `name` is its class. `probes`: how calls pass while it is half-open, "limited", "all" or "unknown". `wall_clock` is
    the reading of a clock that may jump by which it decides.
    """

    name: str
    probes: str
    wall_clock: Site | None = None


DerivedFact: TypeAlias = (
    LoopBlock | RetryLoop | ResponseFate | CaughtFailure | UnboundName | CoroutineCall | FanOut | RepeatedCall
    | HandBreaker
)  # fmt: skip
