"""What is true of a whole module, apart from its parts."""

from __future__ import annotations

import msgspec


class ModuleFlags(msgspec.Struct, frozen=True, gc=False):
    """`has_error`: something does not parse, so absence of a definition is unknown. `exported`: literal `__all__`."""

    has_error: bool
    exported: tuple[str, ...] | None = None
