"""The critical zone: what settings say, else what names of services and packages suggest."""

from __future__ import annotations

import re
from fnmatch import fnmatch

from shearpin.query import Database, keys
from shearpin.settings.model import Zone

_CRITICAL = re.compile(
    r"payment|billing|ledger|wallet|\bauth\b|identity|consensus|\braft\b|\block service", re.IGNORECASE
)


def zone_of(db: Database, path: str, services: tuple[str, ...]) -> str:
    """Answer "critical", "standard" or "free": of the settings for one of the services or the path, else by name."""
    zones = db.get(keys.setting("zones"))
    for zone in zones if isinstance(zones, tuple) else ():
        if isinstance(zone, Zone) and any(_is_member(member, path, services) for member in zone.members):
            return zone.name
    words = " ".join((*services, *path.split("/")[:-1])).replace("_", "-")
    return "critical" if _CRITICAL.search(words.replace("-", " ")) else "standard"


def _is_member(member: str, path: str, services: tuple[str, ...]) -> bool:
    return member in services or fnmatch(path, member) or path.startswith(member.rstrip("/*") + "/")
