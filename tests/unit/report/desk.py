"""Files in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from shearpin.facts.site import Site
from shearpin.report.places import Places, Sources


@dataclass
class Desk:
    """Files in memory; sites are absolute, as in manifests."""

    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, path: str, text: str) -> None:
        self.files[path] = text.encode()

    def site(self, path: str, text: str, nth: int = 0) -> Site:
        """Site of the nth occurrence of a text."""
        start = -1
        for _ in range(nth + 1):
            start = self.files[path].index(text.encode(), start + 1)
        return Site(path, "", start, start + len(text.encode()))

    @property
    def places(self) -> Places:
        return Places(Sources(self.files.get, lambda site: (site.start, site.end)))
