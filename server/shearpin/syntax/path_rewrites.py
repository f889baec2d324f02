"""What a gateway makes of the path of a request before it hands it on, as a chain of steps."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Rewrite(msgspec.Struct, frozen=True):
    """One step: `kind` is "strip", "add", "replace" or "unknown"; `values` are prefixes, or the new path."""

    kind: str
    values: tuple[str, ...] = ()


def rewritten(prefix: str, steps: Iterable[Rewrite]) -> str | None:
    """Return what stands for a prefix after all steps, None when that is not known."""
    path = prefix
    for step in steps:
        match step.kind:
            case "strip":
                fitting = [value for value in step.values if path == value or path.startswith(value.rstrip("/") + "/")]
                if not fitting:
                    # A longer prefix may fit some of the requests.
                    if any(value.startswith(path.rstrip("/")) for value in step.values):
                        return None
                    continue
                path = path[len(max(fitting, key=len).rstrip("/")) :] or "/"
            case "add":
                path = "".join(step.values).rstrip("/") + path
            case _:
                return None
    return path or "/"
