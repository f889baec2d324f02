"""How the server behaves in an editor. What is analysed, and how severe it is, stands in the project's settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
EnumT = TypeVar("EnumT", bound=Enum)


class Scope(Enum):
    """Whose findings are shown: those of open files, or of the whole workspace."""

    OPEN = "open"
    WORKSPACE = "workspace"


class Mode(Enum):
    """Who speaks first: the server sends findings, or the client asks for them. Never both."""

    PUSH = "push"
    PULL = "pull"


class Summary(Enum):
    """How a reviewer is told about a block of code that was inserted at once."""

    OFF = "off"
    MESSAGE = "message"
    LENS = "lens"


@dataclass(frozen=True, slots=True)
class Options:
    """Options of `initializationOptions` and of the section `shearpin` of the client's configuration.

    `mode` counts from the start of the server only. `client_commands` are commands that the client itself carries out
    when a lens names them.
    """

    scope: Scope = Scope.OPEN
    mode: Mode = Mode.PUSH
    inlay_hints: bool = False
    code_lens: bool = True
    summary: Summary = Summary.LENS
    client_commands: frozenset[str] = frozenset()


def options_of(raw: object, default: Options) -> Options:
    """Read options from what a client sent, null and foreign shapes included; what is wrong keeps its default."""
    section = _plain(raw)
    if isinstance(section, Mapping) and "shearpin" in section:
        section = _plain(section["shearpin"])
    if not isinstance(section, Mapping):
        return default
    read = _Reader(section)
    return Options(
        scope=read.option("diagnostics.scope", _choice(Scope), default.scope),
        mode=read.option("diagnostics.mode", _choice(Mode), default.mode),
        inlay_hints=read.option("inlayHints.enabled", _truth, default.inlay_hints),
        code_lens=read.option("codeLens.enabled", _truth, default.code_lens),
        summary=read.option("acceptance.summary", _choice(Summary), default.summary),
        client_commands=read.option("clientCommands", _names, default.client_commands),
    )


class _Reader:
    """Options of one section, nested (`{"diagnostics": {"scope": ..}}`) or flat (`{"diagnostics.scope": ..}`)."""

    def __init__(self, section: Mapping[object, object]) -> None:
        self._section = section

    def option(self, name: str, read: Callable[[object], T], default: T) -> T:
        """The value of an option; the default when it is not there or not right."""
        value = self._value(name)
        if value is None:
            return default
        try:
            return read(value)
        except ValueError as error:
            _LOG.warning("unknown %s %r: use %s", name, value, error)
            return default

    def _value(self, name: str) -> object:
        group, _, key = name.partition(".")
        inner = _plain(self._section.get(group))
        nested = inner.get(key) if key and isinstance(inner, Mapping) else None if key else inner
        return self._section.get(name) if nested is None else nested


def _choice(kind: type[EnumT]) -> Callable[[object], EnumT]:
    def read(value: object) -> EnumT:
        for member in kind:
            if member.value == value:
                return member
        raise ValueError(" or ".join(str(member.value) for member in kind))

    return read


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _names(value: object) -> frozenset[str]:
    if isinstance(value, list):
        return frozenset(name for name in value if isinstance(name, str))
    raise ValueError("a list of names")


def _plain(value: object) -> object:
    # pygls turns parameters without a declared type into named tuples.
    as_dict = getattr(value, "_asdict", None)
    return as_dict() if callable(as_dict) else value
