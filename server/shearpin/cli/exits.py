"""Exit statuses, and the one exception by which a command refuses."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the shell sees."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INTERNAL = 3


class RefusedError(Exception):
    """The user asked for something that cannot be done. Each line is printed after "error: "; nothing else is."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
