"""Typed configuration of a workspace. Knows TOML and nothing of rules or services."""

from shearpin.settings.model import (
    DEFAULTS,
    Mention,
    PerPath,
    Problem,
    ServiceOverride,
    Settings,
    SettingsError,
    Timeouts,
    Zone,
)
from shearpin.settings.reading import FILES, load, near_match, parse

__all__ = [
    "DEFAULTS",
    "FILES",
    "Mention",
    "PerPath",
    "Problem",
    "ServiceOverride",
    "Settings",
    "SettingsError",
    "Timeouts",
    "Zone",
    "load",
    "near_match",
    "parse",
]
