"""Shared by adapters of message brokers: subscriptions, bindings, settlements, and which function handles a message."""

from __future__ import annotations

from shearpin.adapterkit.build import to_thread
from shearpin.adapterkit.store import host_url
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Ack, Binding, Blocking, Confirmation, QueueDeclared, Subscribe
from shearpin.facts.site import FunctionId
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Bound,
    Const,
    FuncRef,
    Instance,
    MappingValue,
    SequenceValue,
    Template,
    Value,
)

#: AMQP's default exchange: the routing key is the name of the queue
DEFAULT_EXCHANGE = Const("")
NO_KEY = Const("")


def subscribe(
    call: ResolvedCall,
    library: str,
    broker: str,
    *,
    topic: Value,
    key: Value,
    target: Value,
    handler: FunctionId | None = None,
) -> Subscribe:
    """A subscription that does not block and whose acknowledgement is not known; adapters replace the rest."""
    return Subscribe(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=False,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        broker=broker,
        topic=topic,
        key=key,
        target=target,
        handler=handler,
        auto_ack=None,
        handle=call.receiver,
    )


def binding(
    call: ResolvedCall, library: str, *, queue: Value, exchange: Value, key: Value, broker: str = "amqp"
) -> Binding:
    """An AMQP queue is bound to an exchange on the receiver's channel, or a subscription to its topic."""
    return Binding(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        broker=broker,
        queue=queue,
        exchange=exchange,
        key=key,
        handle=call.receiver,
    )


def queue_declared(
    call: ResolvedCall, library: str, queue: Value, name: Value, flags: dict[str, Value], arguments: Value
) -> QueueDeclared:
    """An AMQP queue is declared. `name` is what was given for it, `flags` are durable, exclusive and auto_delete."""
    is_named = is_text(name) if isinstance(name, Const) else True
    dead_letters, limits = _policy(arguments)
    return QueueDeclared(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        broker="amqp",
        queue=queue,
        handle=call.receiver,
        is_named=is_named,
        is_durable=truth(flags["durable"]),
        is_exclusive=truth(flags["exclusive"]),
        is_auto_delete=truth(flags["auto_delete"]),
        dead_letters=dead_letters,
        limits_deliveries=limits,
    )


def _policy(arguments: Value) -> tuple[bool | None, bool | None]:
    """Whether the arguments of a queue name a dead letter exchange, and a limit of deliveries."""
    if arguments == NONE:
        return False, False
    if not isinstance(arguments, MappingValue):
        return None, None
    names = {key.value for key, _, _ in arguments.entries if isinstance(key, Const)}
    if len(names) < len(arguments.entries):
        return None, None
    # Since RabbitMQ 4 a quorum queue limits deliveries unless it is told otherwise; before, it did not.
    limits = True if "x-delivery-limit" in names else None if "x-queue-type" in names else False
    return "x-dead-letter-exchange" in names, limits


def confirmation(call: ResolvedCall, library: str, kind: str) -> Confirmation:
    """The broker is asked to confirm what the receiver sends."""
    return Confirmation(
        site=call.site, head=call.head, function=call.function, library=library, kind=kind, handle=call.receiver
    )


def ack(call: ResolvedCall, library: str, kind: str, *, requeue: bool | None, is_blocking: bool) -> Ack:
    """A message is settled."""
    remedies = (to_thread("review"),) if is_blocking else ()
    return Ack(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=is_blocking,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        kind=kind,
        requeue=requeue,
        remedies=remedies,
    )


def blocking(call: ResolvedCall, library: str, what: str) -> Blocking:
    """The thread waits for the broker and nothing is handed over."""
    return Blocking(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=True,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        what=what,
        kind="wait",
        remedies=(to_thread("review"),),
    )


def amqp_url(host: Value, port: Value, virtual_host: Value) -> Value:
    """Address of a RabbitMQ server; the virtual host "/" (also None) is left out."""
    plain = virtual_host in {NONE, Const("/")}
    return host_url("amqp", host, port, NONE if plain else virtual_host)


def short_name(value: Value, *separators: str) -> Value:
    """The last piece of a literal address (`https://sqs.../orders`, `arn:aws:sns:...:orders`); others as they are."""
    last = value.parts[-1] if isinstance(value, Template) and value.parts else value
    if not (isinstance(last, Const) and isinstance(last.value, str)):
        return UNKNOWN if isinstance(value, (SequenceValue, MappingValue)) else value
    found = last.value
    for separator in separators:
        found = found.rpartition(separator)[2]
    return Const(found) if last is value or found != last.value else value


def handler_of(value: Value) -> FunctionId | None:
    """The function that a callback argument names: a function, a bound method, a partial or a wrapped task."""
    if isinstance(value, FuncRef):
        return value.function
    if isinstance(value, Instance):
        for arg in value.args:
            if isinstance(arg, Bound) and arg.name == "function":
                return handler_of(arg.value)
    return None


def truth(value: Value) -> bool | None:
    """A literal as true or false; None when it is no literal."""
    return bool(value.value) if isinstance(value, Const) else None


def flag(call: ResolvedCall, name: str, position: int, *, default: bool) -> bool | None:
    """A boolean argument; None when its value is not known."""
    return truth(call.value(name, position, Const(default)))


def is_dialogue(properties: Value) -> bool:
    """Properties that say where the answer goes, or which question this answers."""
    args = properties.args if isinstance(properties, Instance) else ()
    return any(isinstance(arg, Bound) and arg.name in {"reply_to", "correlation_id"} for arg in args)


def is_text(value: Value) -> bool:
    """A literal text that is not empty."""
    return isinstance(value, Const) and isinstance(value.value, str) and value.value != ""
