"""One file per library. `all_adapters` finds them; nothing is registered by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from shearpin.adapterkit.adapter import Adapter, AdapterSet, merge


@cache
def all_adapters() -> tuple[Adapter, ...]:
    """Every `ADAPTER` of the modules in this package, by name."""
    found: list[Adapter] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        if not module.name.startswith("_"):
            found.append(importlib.import_module(f"{__name__}.{module.name}").ADAPTER)
    return tuple(found)


@cache
def adapter_set() -> AdapterSet:
    """All adapters merged."""
    return merge(all_adapters())
