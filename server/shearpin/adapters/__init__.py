"""One file per library. `all_adapters` finds them; nothing is registered by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from shearpin.adapterkit.adapter import Adapter, AdapterSet, merge


@cache
def all_adapters() -> tuple[Adapter, ...]:
    """Every `ADAPTER` of the modules in this package, by name."""
    modules = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}").ADAPTER for name in modules)


@cache
def adapter_set() -> AdapterSet:
    """All adapters merged."""
    return merge(all_adapters())
