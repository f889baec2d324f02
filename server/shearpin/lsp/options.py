"""How the server behaves in an editor. What is analysed, and how severe it is, stands in the project's settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

_LOG = logging.getLogger(__name__)


class Scope(Enum):
    """Whose findings are shown: those of open files, or of the whole workspace."""

    OPEN = "open"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class Options:
    """`diagnostics.scope` of initializationOptions and of the section `shearpin` of the client's configuration."""

    scope: Scope = Scope.OPEN


def options_of(raw: object, default: Options) -> Options:
    """Read options from what a client sent, null and foreign shapes included; what is wrong keeps its default."""
    section = _plain(raw)
    if isinstance(section, Mapping) and "shearpin" in section:
        section = _plain(section["shearpin"])
    if not isinstance(section, Mapping):
        return default
    diagnostics = _plain(section.get("diagnostics"))
    value = diagnostics.get("scope") if isinstance(diagnostics, Mapping) else section.get("diagnostics.scope")
    if value is None:
        return default
    for scope in Scope:
        if scope.value == value:
            return Options(scope)
    _LOG.warning("unknown diagnostics.scope %r: use open or workspace", value)
    return default


def _plain(value: object) -> object:
    # pygls turns parameters without a declared type into named tuples.
    as_dict = getattr(value, "_asdict", None)
    return as_dict() if callable(as_dict) else value
