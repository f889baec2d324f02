"""Values and call edges in one line each, and the questions that tests of `meaning`, `flow` and `graph` put to code.

`reveal(x)` in the code shows what x is. Text stands in quotes, joined text is `f'http://{$HOST}/{}'`, `{}` a hole
about which nothing is known, `?` unknown. `$NAME=default` is an environment variable, `<name>` a parameter (`<x:Cls>`
when its class is known), `a | b` alternatives, `x[]` some element of x, `Cls(a=1)` an object, `class Cls`, `def f` (of
a receiver: `def Cls.f of ...`), `lib.name` a name of a library, `lib.Cls.name of ...` a method of its object, `f()` an
unknown result. Definitions of another file than the one that is asked about carry its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from shearpin.facts.call import Callee, ResolvedCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import (
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
    Unknown,
    Value,
)
from shearpin.meaning.calls import calls
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database
from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles

from ...support import open_session

#: one file, or several by path
Code = str | Mapping[str, str]
MAIN = "main.py"


def opened(code: Code) -> Session:
    """A session on code, without rules."""
    return open_session({MAIN: code} if isinstance(code, str) else code, rules=())


def all_calls(db: Database, path: str) -> list[ResolvedCall]:
    """The calls of a file in order of its parts and positions."""
    return [call for part in part_ids(db, path) for call in calls(db, path, part)]


def revealed(code: Code, path: str = MAIN) -> list[str]:
    """What the arguments of `reveal` in a file are, in order."""
    return revealed_in(opened(code).db, path)


def revealed_in(db: Database, path: str) -> list[str]:
    """What the arguments of `reveal` in a file are, in order."""
    return [text(arg.value, path) for call in all_calls(db, path) if is_probe(call) for arg in call.args]


def is_probe(call: ResolvedCall) -> bool:
    """True for `reveal(...)`."""
    return call.callee == Extern("builtins.reveal")


def edges(code: Code, path: str = MAIN) -> list[str]:
    """The functions that the calls of a file make run: `caller -> callee(bindings)`, with the mode unless direct."""
    db = opened(code).db
    return [edge(call, callee, path) for call in all_calls(db, path) for callee in call.callees]


def edge(call: ResolvedCall, callee: Callee, path: str) -> str:
    """One edge of the call graph."""
    bound = ", ".join(f"{b.name.partition('@')[0]}={text(b.value, path)}" for b in callee.bindings)
    how = "" if callee.mode is Mode.DIRECT else f" {callee.mode.value}"
    return f"{function(call.function, path)} ->{how} {function(callee.function, path)}({bound})" + (
        f" as {callee.context}" if callee.context else ""
    )


def function(found: FunctionId, path: str) -> str:
    """A function's name; `module` for code at module level."""
    names = (found.inner or "module",) if found.part.startswith("~") else (found.part, found.inner)
    return _here(re.sub(r"@\d+", "", ".".join(filter(None, names))), found.path, path)


def hops(found: tuple[Hop, ...]) -> list[str]:
    """The sentences of an explanation."""
    return [hop.note for hop in found]


def source(files: MemoryFiles | Session, site: Site) -> str:
    """The text at a site."""
    assert isinstance(files, Session)
    start, end = files.locate(site)
    return (files.source(site.path) or b"")[start:end].decode()


def line(session: Session, site: Site) -> int:
    """The line of a site, from 1."""
    return session.lines(site.path).line_at(session.locate(site)[0]) + 1


def text(value: Value, path: str = MAIN) -> str:
    """A value; see the module's docstring."""

    def show(inner: Value) -> str:
        return text(inner, path)

    match value:
        case Unknown():
            return "?"
        case Const(value=content):
            return repr(content)
        case Template(parts=parts):
            return f"f'{''.join(_piece(part, show) for part in parts)}'"
        case Choice(options=options):
            return " | ".join(map(show, options)) or "nothing"
        case Env(name=name, default=default):
            return f"${name}" if default is None else f"${name}={show(default)}"
        case Param(name=name, cls=cls):
            return f"<{name}>" if cls is None else f"<{name}:{show(cls).removeprefix('class ')}>"
        case Field(base=base, name=name):
            return f"{show(base)}.{name}"
        case Item(base=base, key=key):
            return f"{show(base)}[{'' if key is None else show(key)}]"
        case _:
            return _object(value, path, show)


def _object(value: Value, path: str, show: Callable[[Value], str]) -> str:
    match value:
        case SequenceValue(items=items):
            return f"[{', '.join(map(show, items))}]"
        case MappingValue(entries=entries):
            return f"{{{', '.join(f'{show(key)}: {show(item)}' for key, item, _ in entries)}}}"
        case Instance(cls=cls, args=args):
            return f"{show(cls).removeprefix('class ')}({', '.join(map(show, args))})"
        case Bound(name=name, value=inner):
            short = name.partition("@")[0]
            return f"{short}={show(inner)}" if short else show(inner)
        case Result(name=name, receiver=receiver):
            return f"{name or show(receiver or Unknown())}()"
        case FuncRef(function=found, receiver=receiver, partial=partial):
            bound = "".join(f" {show(arg)}" for arg in partial)
            return f"def {function(found, path)}{bound}" + ("" if receiver is None else f" of {show(receiver)}")
        case ClassRef(path=where, name=name):
            return f"class {_here(name, where, path)}"
        case ExternMethod(name=name, receiver=receiver):
            return f"{name} of {show(receiver)}"
        case Extern(name=name):
            return name
        case ModuleRef(path=where):
            return f"module {where}"
        case _:
            message = f"no notation for {type(value).__name__}"
            raise TypeError(message)


def _piece(part: Value, show: Callable[[Value], str]) -> str:
    if isinstance(part, Const):
        return str(part.value)
    shown = show(part)
    return "{}" if shown == "?" else f"{{{shown}}}"


def _here(name: str, where: str, path: str) -> str:
    return name if where == path else f"{where}:{name}"


def marked(code: str) -> list[str]:
    """The lines with `reveal` of one file, each with what is revealed there behind a `#`."""
    session = opened(code)
    found: dict[int, list[str]] = {}
    for call in all_calls(session.db, MAIN):
        if is_probe(call):
            found.setdefault(line(session, call.site), []).extend(text(arg.value) for arg in call.args)
    written = code.splitlines()
    return [f"{written[number - 1].partition('  # ')[0]}  # {'; '.join(found[number])}" for number in sorted(found)]


def blocks(*codes: str) -> list[str]:
    """Pieces of code that blank lines separate."""
    return [block for code in codes for block in code.strip("\n").split("\n\n") if block.strip()]
