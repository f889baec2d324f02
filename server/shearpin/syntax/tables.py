"""The complete table of statements: each module named here adds the kinds of nodes it reads to its table."""

from __future__ import annotations

from shearpin.syntax import (
    aliases,
    annotations,
    compound,
    definitions,
    displays,
    imports,
    literals,
    operators,
    statements,
)
from shearpin.syntax.statements import STATEMENTS

__all__ = ["READERS", "STATEMENTS"]

READERS = (aliases, annotations, compound, definitions, displays, imports, literals, operators, statements)
