"""Facts in one line each: what the pages of adapters say about their examples.

`3: HttpCall GET http://orders/{order_id} timeout=5.0(default) blocking` is a request on line 3. Text and numbers stand
as they are; `$NAME` (`$NAME|default`) is an environment variable, `{name}` a parameter, `{}` a hole in a text, `?`
unknown, `(a, b)` a sequence, `(a / b)` alternatives, `Client@3` an object of class Client made on line 3. Fields at
their usual value are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shearpin.facts.fact import (
    Accepts,
    Ack,
    Application,
    Binding,
    Blocking,
    BreakerRegion,
    ClientCreated,
    Confirmation,
    ContractServed,
    Fact,
    HttpCall,
    Middleware,
    Mount,
    Publish,
    QueueDeclared,
    RemoteCall,
    RetryPolicy,
    Route,
    Sleep,
    Spawn,
    StoreCall,
    Subscribe,
    TaskDefinition,
    Timeout,
    TimeoutRegion,
    TransportMounted,
)
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    UNKNOWN,
    Bound,
    Choice,
    ClassRef,
    Const,
    Env,
    Extern,
    ExternMethod,
    Field,
    FuncRef,
    Instance,
    Item,
    MappingValue,
    ModuleRef,
    Param,
    Result,
    SequenceValue,
    Template,
    Value,
)

#: the line (from 1) of a site
LineOf = Callable[[Site], int]


def notation(fact: Fact, line_of: LineOf) -> str:
    """One fact in one line."""
    words = " ".join(word for word in _words(fact, line_of) if word)
    return f"{line_of(fact.site)}: {type(fact).__name__} {words}".rstrip()


def _words(fact: Fact, line_of: LineOf) -> Iterator[str]:
    def show(value: Value | None) -> str:
        return "?" if value is None else text(value, line_of)

    yield from _specific(fact, show)
    if getattr(fact, "is_blocking", False):
        yield "blocking"
    if getattr(fact, "is_awaited", False):
        yield "awaited"


def _specific(fact: Fact, show: Callable[[Value | None], str]) -> Iterator[str]:
    match fact:
        case HttpCall():
            yield from (show(fact.method), show(fact.url), _timeout(fact.timeout, show))
            yield {True: "raises", False: "", None: "raises=?"}[fact.raises_on_status]
            yield "" if fact.transport_attempts == 1 else f"attempts={_or_unknown(fact.transport_attempts)}"
            yield from ("resends" if fact.transport_resends else "", "asks" if fact.asks else "")
        case RemoteCall():
            yield from (fact.protocol, show(fact.operation), show(fact.target), _timeout(fact.timeout, show))
            yield "" if fact.transport_attempts is None else f"attempts={fact.transport_attempts}"
        case StoreCall():
            yield from (fact.store, fact.kind, _named("object", fact.object, show), _named("target", fact.target, show))
            yield "" if fact.timeout.value == UNKNOWN else _timeout(fact.timeout, show)
        case Publish():
            yield from (fact.broker, _named("topic", fact.topic, show), _named("key", fact.key, show))
            yield from (_named("target", fact.target, show), _flag("confirmed", fact.is_confirmed))
            yield _flag("durable", fact.is_durable)
        case Subscribe():
            yield from (fact.broker, _named("topic", fact.topic, show), _named("key", fact.key, show))
            yield from (_named("target", fact.target, show), _function("handler", fact.handler))
            yield _flag("auto_ack", fact.auto_ack)
            yield f"failing={fact.on_failure}" if fact.on_failure else ""
        case Binding():
            yield from (fact.broker, f"queue={show(fact.queue)}", f"exchange={show(fact.exchange)}")
            yield f"key={show(fact.key)}"
        case Ack():
            yield from (fact.kind, "around" if fact.around else "", _flag("requeue", fact.requeue))
        case TaskDefinition():
            yield from (fact.broker, show(fact.name), _function("handler", fact.handler))
            yield from (_named("target", fact.target, show), "late" if fact.acks_late else "")
        case _:
            yield from _structure(fact, show)


def _structure(fact: Fact, show: Callable[[Value | None], str]) -> Iterator[str]:
    match fact:
        case Application():
            yield from ("router" if fact.is_router else "", show(fact.app))
            yield "" if fact.prefix == Const("") else f"prefix={show(fact.prefix)}"
            yield "" if not fact.extras else f"extras=[{', '.join(fact.extras)}]"
            yield "" if fact.slash == "redirect" else f"slash={fact.slash}"
        case Route():
            yield from (",".join(fact.methods), show(fact.path), _function("handler", fact.handler), fact.runs)
            yield from ("" if fact.kind == "http" else fact.kind, f"on {show(fact.app)}")
            names = [name for name, _ in fact.members]
            yield "" if not names else f"members={','.join(names if len(names) < 5 else (names[0], '..', names[-1]))}"
        case Accepts():
            yield from (",".join(fact.methods), _function("handler", fact.function))
        case ContractServed():
            yield from (show(fact.contract), "" if fact.base == Const(None) else f"base={show(fact.base)}")
            yield f"on {show(fact.app)}"
        case Mount():
            yield from (show(fact.child), "on", show(fact.parent))
            yield "" if fact.prefix == Const("") else f"prefix={show(fact.prefix)}"
            yield from ("replaces" if fact.replaces else "", "default" if fact.is_default else "")
            yield f"prefix=({fact.prefix_attribute})" if fact.prefix_attribute else ""
        case Middleware():
            yield from (fact.effect, f"on {show(fact.app)}")
        case ClientCreated():
            yield from (fact.protocol, _named("target", fact.target, show))
            yield "" if fact.timeout.value == UNKNOWN else _timeout(fact.timeout, show)
            yield "costly" if fact.is_costly else ""
        case TransportMounted():
            yield from (f"on {show(fact.client)}", f"prefix={show(fact.prefix)}", f"attempts={show(fact.attempts)}")
            yield f"resends={','.join(fact.methods)}" if fact.methods else ""
            yield "" if fact.timeout is None else _timeout(fact.timeout, show)
        case _:
            yield from _control(fact, show)


def _control(fact: Fact, show: Callable[[Value | None], str]) -> Iterator[str]:
    match fact:
        case Blocking():
            yield from (fact.kind, f"({fact.what})")
        case Sleep():
            yield show(fact.seconds)
        case Spawn():
            yield from (fact.kind, _function("target", fact.target))
            yield from ("supervised" if fact.is_supervised else "", "dropped" if fact.usage == "dropped" else "")
        case QueueDeclared():
            yield from (fact.broker, show(fact.queue), _queue_flags(fact))
        case Confirmation():
            yield fact.kind
        case RetryPolicy():
            yield from (fact.form, f"attempts={show(fact.attempts)}", f"deadline={show(fact.deadline)}")
            yield from (f"wait={fact.wait}", _function("around", fact.around))
            yield "failures=?" if fact.failures is None else f"failures={','.join(fact.failures)}"
        case TimeoutRegion():
            yield from (fact.form, show(fact.seconds))
        case BreakerRegion():
            yield from (fact.form, _function("around", fact.around))
        case _:
            message = f"no notation for {type(fact).__name__}"
            raise TypeError(message)


def text(value: Value, line_of: LineOf) -> str:
    """A value; see the module's docstring."""

    def show(inner: Value) -> str:
        return text(inner, line_of)

    match value:
        case Const(value=str(content)):
            return content if content and " " not in content else repr(content)
        case Const(value=content):
            return repr(content)
        case Template(parts=parts):
            return "".join(_piece(part, line_of) for part in parts)
        case Choice(options=options):
            return f"({' / '.join(map(show, options))})"
        case Env(name=name, default=default):
            return f"${name}" if default is None else f"${name}|{show(default)}"
        case Param(name=name):
            return f"{{{name}}}"
        case Field(base=base, name=name):
            return f"{show(base)}.{name}"
        case Item(base=base, key=key):
            return f"{show(base)}[{'' if key is None else show(key)}]"
        case SequenceValue(items=items):
            return f"({', '.join(map(show, items))})"
        case MappingValue(entries=entries):
            return f"{{{', '.join(f'{show(key)}: {show(item)}' for key, item, _ in entries)}}}"
        case Instance(cls=cls, site=site):
            return f"{_last(cls.name)}@{line_of(site)}" if site is not None else _last(cls.name)
        case Result(name=name, site=site):
            return f"{_last(name)}()@{line_of(site)}"
        case FuncRef(function=function):
            return _name(function)
        case ClassRef(name=name) | Extern(name=name) | ExternMethod(name=name):
            return _last(name)
        case ModuleRef(path=path):
            return path
        case Bound(value=inner):
            return show(inner)
        case _:
            return "?"


def _piece(part: Value, line_of: LineOf) -> str:
    if isinstance(part, Const):
        return str(part.value)
    shown = text(part, line_of)
    return "{}" if shown == "?" else shown if shown.startswith("{") else f"{{{shown}}}"


def _timeout(timeout: Timeout, show: Callable[[Value | None], str]) -> str:
    return f"timeout={show(timeout.value)}({timeout.origin})"


def _named(name: str, value: Value, show: Callable[[Value | None], str]) -> str:
    return "" if value == UNKNOWN else f"{name}={show(value)}"


def _flag(name: str, value: bool | None) -> str:
    return "" if value is None else f"{name}={'yes' if value else 'no'}"


def _queue_flags(fact: QueueDeclared) -> str:
    flags = {
        "unnamed": fact.is_named is False,
        "durable": fact.is_durable,
        "exclusive": fact.is_exclusive,
        "auto_delete": fact.is_auto_delete,
        "dead_letters": fact.dead_letters,
        "limited": fact.limits_deliveries,
    }
    return " ".join(name for name, holds in flags.items() if holds)


def _function(label: str, function: FunctionId | None) -> str:
    return "" if function is None else f"{label}={_name(function)}"


def _name(function: FunctionId) -> str:
    return f"{function.part}.{function.inner}" if function.inner else function.part


def _last(name: str) -> str:
    return name.rpartition(".")[2] if name.count(".") else name


def _or_unknown(value: int | None) -> str:
    return "?" if value is None else str(value)
