"""Memoised queries with recorded dependencies: the kernel that makes every answer incremental. Knows no domain."""

from shearpin.query.kernel import Cancelled, Database, Query, query

__all__ = ["Cancelled", "Database", "Query", "query"]
