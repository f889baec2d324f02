"""Which files get findings."""

from __future__ import annotations

from shearpin.graph.reach import is_deployed
from shearpin.query import Database, query
from shearpin.services.classify import PathClass, path_class

__all__ = ["PathClass", "is_examined", "path_class"]


@query()
def is_examined(db: Database, path: str) -> bool:
    """Application code that some process runs, or that belongs to no service."""
    return path_class(db, path) is PathClass.APPLICATION and is_deployed(db, path)
