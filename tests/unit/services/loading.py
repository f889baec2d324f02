"""Helper of the tests on services: a made-up workspace in memory, loaded for real."""

from __future__ import annotations

from textwrap import dedent

from shearpin.facts.service import Infra, Service
from shearpin.query import Database
from shearpin.services import system
from shearpin.workspace.cache import Cache
from shearpin.workspace.files import MemoryFiles
from shearpin.workspace.summaries import Summaries
from shearpin.workspace.workspace import Workspace


class Loaded:
    """A workspace whose files can be edited; `db` always knows the newest state."""

    def __init__(self, files: dict[str, str]) -> None:
        self.db = Database()
        self._workspace = Workspace(
            MemoryFiles({path: dedent(text).encode() for path, text in files.items()}),
            self.db,
            Summaries(Cache(None), 1),
        )
        self._workspace.load(())

    def edit(self, path: str, text: str) -> None:
        """Give a file other content."""
        self._workspace.set_overlay(path, dedent(text).encode())

    def services(self) -> dict[str, Service]:
        """All services by id."""
        return {service.id: service for service in system(self.db).services}

    def infra(self) -> dict[str, Infra]:
        """All infrastructure by id."""
        return {found.id: found for found in system(self.db).infra}

    def one(self) -> Service:
        """The only service."""
        (found,) = system(self.db).services
        return found
