"""Facts: what adapters say about calls, decorators and classes, in words that know no library.

Fields of type Value may be symbolic in the parameters of `function`. `site` is the whole call or decorator, `head` the
smallest thing to change (callee name, decorator name). No fact judges.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import UNKNOWN, Value


class Remedy(msgspec.Struct, frozen=True, gc=False):
    """How this library writes a protection.

    `aim`: "set-timeout", "set-client-timeout", "add-stop", "add-backoff", "check-status", "to-async", "to-thread",
    "with-block". `form`: "argument" (text is `name=value`), "after" (a statement after the call's statement; `{result}`
    is the name of the result), "callee" (text replaces the callee; `await` is added when `awaits`), "method" (text
    replaces the name of the method), "decorator".
    Holes `{connect}` and `{read}` are seconds from the settings. `imports` are dotted names that must be importable by
    their last segment, or modules with a trailing dot ("asyncio.").
    """

    aim: str
    form: str
    text: str
    imports: tuple[str, ...] = ()
    awaits: bool = False
    grade: str = "safe"


class Timeout(msgspec.Struct, frozen=True, gc=False):
    """How long a call may wait.

    `value` is what was given, or the library's default; seconds, a pair, or None. `origin`: "call", "client",
    "default" (of the library), "unknown". `none_is_forever`/`zero_is_forever` say what these values mean here.
    `site` is the place of the value or of the client's construction. `bounds` is "call" or "phase" (connect/read each).
    """

    value: Value
    origin: str
    none_is_forever: bool = True
    zero_is_forever: bool = False
    site: Site | None = None
    bounds: str = "call"
    #: False when the library sets its own default on each socket, whatever limit the process has for all sockets
    follows_sockets: bool = True


UNKNOWN_TIMEOUT = Timeout(UNKNOWN, "unknown")


class BaseFact(msgspec.Struct, frozen=True, gc=False, tag=True, kw_only=True):
    """Base of all facts."""

    site: Site
    head: Site
    function: FunctionId
    library: str
    remedies: tuple[Remedy, ...] = ()


class BaseEffect(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A fact about a call that touches something outside. `is_blocking`: it blocks the thread that makes it."""

    is_blocking: bool
    is_awaited: bool = False
    usage: str = "value"
    result_name: str = ""


class HttpCall(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """An HTTP request. `url` includes the client's base URL. `method` is upper case when known.

    `raises_on_status`: the library raises on 4xx/5xx by itself here. `checks` are the attributes and methods of the
    response that test its status, `raising_checks` those that raise, `bodies` those that read its body.
    `transport_attempts`: tries that the client makes by itself, None when unknown; `transport_resends`: it also repeats
    a request that may have reached the target, not only failed connections.
    """

    method: Value
    url: Value
    timeout: Timeout
    raises_on_status: bool | None
    client: Value | None = None
    checks: tuple[str, ...] = ()
    raising_checks: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    transport_attempts: int | None = None
    transport_resends: bool = False
    #: it changes nothing, whatever its method: a question to a model
    asks: bool = False


class RemoteCall(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """Another request to a remote party: SMTP, RPC, SDK. `protocol` e.g. "smtp", "sdk"; `operation` names it.

    `transport_attempts` and `transport_resends` as in HttpCall.
    """

    protocol: str
    target: Value
    operation: Value
    timeout: Timeout
    transport_attempts: int | None = None
    transport_resends: bool = False


class StoreCall(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A database or cache operation.

    `store` is the protocol ("sql", "redis", "mongodb", "elasticsearch", "memcached"); `kind` "read", "write", "commit",
    "rollback", "begin", "connect", "unknown". `handle` is the session/connection/client value, `target` its URL,
    `object` table, collection or key when known.
    """

    store: str
    kind: str
    handle: Value | None
    target: Value
    object: Value = UNKNOWN
    timeout: Timeout = UNKNOWN_TIMEOUT


class Publish(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A message, event or task is handed over.

    `broker`: protocol ("amqp", "redis-pubsub", "celery", "kafka", ...). `topic` is the exchange, channel, topic or task
    name; `key` the routing key or queue. `target` is the broker's URL. `is_confirmed`/`is_durable` None when unknown.
    `confirmed_by` names the method by which a channel asks for confirmation. `properties` is the place where the
    properties of the message are made. `is_dialogue`: it is a question whose sender waits, or the answer to one.
    """

    broker: str
    topic: Value
    key: Value
    target: Value
    handle: Value | None = None
    is_confirmed: bool | None = None
    is_durable: bool | None = None
    confirmed_by: str = ""
    properties: Site | None = None
    is_dialogue: bool = False


class Subscribe(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """Something consumes a topic or queue. `handler` is the callback, or None when the function itself loops.

    `auto_ack`: messages count as done whatever becomes of them. `on_failure` says what the library does with a message
    whose handler raises: "" (nothing: the code settles it), "reject", "requeue", "ack", "later" (it comes again after
    a while); "unknown". `settled_by` names the method by which the code must settle each message, "" where that varies.
    """

    broker: str
    topic: Value
    key: Value
    target: Value
    handler: FunctionId | None
    auto_ack: bool | None
    handle: Value | None = None
    on_failure: str = ""
    settled_by: str = ""


class Binding(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A queue is bound to an exchange with a routing pattern (on channel `handle`)."""

    broker: str
    queue: Value
    exchange: Value
    key: Value
    handle: Value | None


class QueueDeclared(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A queue is declared on channel `handle`; `queue` as in Binding. Flags are None when they are not known.

    `is_named`: its name is chosen by the code, not by the server. `dead_letters`: what is rejected goes elsewhere.
    `limits_deliveries`: the broker counts how often it delivers a message and gives up. `name_argument` is the keyword
    of the name, "" where the queue is not declared by a call that takes its flags as keywords.
    """

    broker: str
    queue: Value
    handle: Value | None
    is_named: bool | None
    is_durable: bool | None
    is_exclusive: bool | None
    is_auto_delete: bool | None
    dead_letters: bool | None
    limits_deliveries: bool | None
    name_argument: str = ""


class Confirmation(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """The broker is asked to confirm messages sent through `handle`: "mode" (from now on), "flush" (those sent)."""

    kind: str
    handle: Value | None


class Ack(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A message is settled: kind "ack", "nack" or "reject".

    `around`: it settles at the end of its `with` block; then `requeue` says what happens when the block raises, and
    `gives_up` that a message that comes back is not put back again.
    """

    kind: str
    requeue: bool | None
    around: bool = False
    gives_up: bool | None = None


class Application(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """An application or router object is made.

    `prefix` is its own path prefix; `extras` are "METHOD /path" that the framework serves by itself. `slash` says what
    happens to the other trailing-slash form: "redirect", "exact", or "append" (only a missing slash is redirected).
    """

    framework: str
    app: Value
    is_router: bool
    prefix: Value
    extras: tuple[str, ...] = ()
    slash: str = "redirect"


class Route(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A handler is registered on `app` (an application or router value). `methods` upper case; "*" is any.

    For "graphql" `path` is an operation, or a root type whose class is the handler; then each "resolver" of that class
    is an operation.

    For the kinds "rpc" and "grpc" `path` is the name of the procedure or of the RPC service, and the handler of "grpc"
    is the class part that has the procedures as methods.
    `path` is written with `{name}` for one segment and `{name:path}` for any number. `kind`: "http", "ws", or "class":
    the handler is a class part whose methods serve. `members` are (name, method) of those that may be there, () for the
    verbs (`get`, `post`); `limit` names the class attribute that lists the methods that are allowed, "" for none.
    """

    framework: str
    app: Value
    methods: tuple[str, ...]
    path: Value
    handler: FunctionId | None
    #: "loop" (coroutine), "thread" (pool thread) or "worker" (WSGI)
    runs: str
    kind: str = "http"
    #: site of the path string, for ranges
    path_site: Site | None = None
    members: tuple[tuple[str, str], ...] = ()
    limit: str = ""
    #: what happens to the other trailing-slash form of this route, "" as its application does
    slash: str = ""


class Accepts(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A handler that is registered without methods answers only these: `@require_POST`. `function` is the handler."""

    methods: tuple[str, ...]


class ContractServed(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """`app` serves what a contract describes: its file, and the path before all paths (None: as the contract says)."""

    app: Value
    contract: Value
    base: Value


class Mount(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """`child` (router, blueprint, application) is served under `prefix` of `parent`.

    A ModuleRef stands for the routes that a module lists, a text is a module's name, a ClassRef stands for the routes
    of its methods. `replaces`: the prefix takes the place of the child's own prefix (Flask blueprints) instead of
    standing before it. `is_default`: it counts only where nothing else mounts the child. `prefix_attribute` names the
    attribute of a mounted class that holds a prefix of its own, "" for none.
    """

    parent: Value
    child: Value
    prefix: Value
    replaces: bool = False
    is_default: bool = False
    prefix_attribute: str = ""


class Middleware(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """Something wraps all requests of `app`; `effect` e.g. "cors"."""

    app: Value
    effect: str


class TransportMounted(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A transport is put into a client that exists, for URLs starting with `prefix`: `session.mount(prefix, adapter)`.

    `attempts`: total tries as Const int, else unknown. `methods`: upper-case methods that it sends again after an
    unknown outcome, ("*",) for all. `timeout`: UNKNOWN_TIMEOUT for a transport written by hand, which may set one.
    """

    client: Value
    prefix: Value
    attempts: Value
    methods: tuple[str, ...]
    timeout: Timeout | None = None


class ClientCreated(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A pooled client, engine, session factory or connection is constructed.

    `protocol`: "http", "sql", "redis", "amqp", ...; `target` its base URL or address; `is_costly` when making one per
    request wastes connections. `usage` as in ResolvedCall.
    """

    protocol: str
    client: Value
    target: Value
    is_costly: bool
    usage: str = "value"
    timeout: Timeout = UNKNOWN_TIMEOUT


class Blocking(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A call that blocks its thread without being remote: subprocess, slow hashing. `what` names it for people."""

    what: str
    #: "sleep", "process", "cpu", "wait" (lock, future, thread, queue)
    kind: str
    #: False when it only waits and raises nothing of its own
    can_fail: bool = True


class Sleep(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A pause; seconds may be unknown. Blocking sleeps are reported as Sleep only, with `is_blocking`."""

    seconds: Value


class Spawn(BaseEffect, frozen=True, gc=False, tag=True, kw_only=True):
    """A task or thread is started.

    kind: "task" or "thread"; `target` the function; `is_supervised`: a TaskGroup or nursery owns it.
    """

    kind: str
    target: FunctionId | None
    is_supervised: bool


class RetryPolicy(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A declared retry. form: "decorator" (around `function`), "iterator" (`for attempt in ...`), "call".

    `attempts`: total tries as Const int, Const None for no limit, else unknown. `deadline`: seconds, or Const None.
    `wait`: "none", "fixed", "exponential", "jitter", "unknown". `around`: the function for forms decorator and call.
    `failures`: canonical names of the exception classes that are tried again ("path:Class" for the workspace), None
    when unknown. `wait_seconds`: the pause of a fixed wait, None when not known.
    `raises_last`: when it gives up it raises the last error itself, not one of its own.
    """

    form: str
    attempts: Value
    deadline: Value
    wait: str
    around: FunctionId | None
    failures: tuple[str, ...] | None = None
    wait_seconds: float | None = None
    raises_last: bool = True


class TimeoutRegion(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """Everything inside ends after `seconds`: form "with" or "call" (wait_for). It does not stop blocking calls."""

    form: str
    seconds: Value


class BreakerRegion(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A circuit breaker around a function or block: form "decorator", "with", "call"."""

    form: str
    around: FunctionId | None


class TaskDefinition(BaseFact, frozen=True, gc=False, tag=True, kw_only=True):
    """A task that workers run: `name` as the broker knows it."""

    broker: str
    name: Value
    handler: FunctionId
    app: Value
    target: Value = UNKNOWN
    #: the queue from which workers take it
    queue: Value = UNKNOWN
    #: acknowledged after the body has run; None when not known
    acks_late: bool | None = None
    #: somebody has written when it is acknowledged
    states_ack: bool = False


Fact: TypeAlias = (
    HttpCall | RemoteCall | StoreCall | Publish | Subscribe | Binding | QueueDeclared
    | Confirmation | Ack | Application | Route | Accepts | ContractServed | Mount
    | Middleware | TransportMounted | ClientCreated | Blocking | Sleep | Spawn | RetryPolicy | TimeoutRegion
    | BreakerRegion | TaskDefinition
)  # fmt: skip
Effect: TypeAlias = HttpCall | RemoteCall | StoreCall | Publish | Subscribe | Ack | Blocking | Sleep | Spawn
