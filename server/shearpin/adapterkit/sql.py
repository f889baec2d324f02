"""What an SQL text says: whether it reads or writes, and which table its main clause names."""

from __future__ import annotations

import re

from shearpin.facts.value import UNKNOWN, Choice, Const, Template, Value

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^']|'')*'")
_NAME = r"[\[`\"]?([A-Za-z_][\w$]*)[\]`\"]?(?:\.[\[`\"]?([A-Za-z_][\w$]*)[\]`\"]?)?"
#: clauses that change rows or tables, each with the place of the table's name
_WRITES = tuple(
    re.compile(rf"\b{clause}\s+{_NAME}", re.IGNORECASE)
    for clause in (
        r"insert\s+(?:or\s+\w+\s+|ignore\s+|overwrite\s+)?into",
        r"replace\s+into",
        r"merge\s+into",
        r"delete\s+from(?:\s+only)?",
        r"(?<!for\s)(?<!no\skey\s)(?<!\bdo\s)(?<!\bon\s)update(?:\s+only)?",
        r"truncate(?:\s+table)?",
        r"(?:create|alter|drop)\s+(?:temporary\s+|temp\s+)?table(?:\s+if\s+(?:not\s+)?exists)?",
        r"copy",
    )
)
_READ = re.compile(rf"\bfrom\s+(?:only\s+)?{_NAME}", re.IGNORECASE)
_FIRST = re.compile(r"\s*\(*\s*([A-Za-z]+)")
_HOLE = "?hole?"
_PLAIN = {
    "select": "read",
    "with": "read",
    "show": "read",
    "explain": "read",
    "values": "read",
    "table": "read",
    "describe": "read",
    "pragma": "read",
    "insert": "write",
    "update": "write",
    "delete": "write",
    "replace": "write",
    "merge": "write",
    "truncate": "write",
    "create": "write",
    "alter": "write",
    "drop": "write",
    "copy": "write",
    "grant": "write",
    "commit": "commit",
    "end": "commit",
    "rollback": "rollback",
    "begin": "begin",
    "start": "begin",
    "savepoint": "begin",
}


def sql_text(value: Value) -> str | None:
    """The text of a statement with every unknown piece replaced by a mark that no name contains; None if not a text."""
    if isinstance(value, Const):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Template):
        pieces = [piece.value if isinstance(piece, Const) else _HOLE for piece in value.parts]
        return "".join(str(piece) for piece in pieces)
    return None


def read_sql(value: Value) -> tuple[str, Value]:
    """Kind ("read", "write", "commit", ..., "unknown") and table (UNKNOWN when not named) of a statement.

    A Choice of statements has the kind and table that all of them share.
    """
    if isinstance(value, Choice):
        return shared([read_sql(option) for option in value.options])
    text = sql_text(value)
    if text is None:
        return "unknown", UNKNOWN
    bare = _STRING.sub("''", _COMMENT.sub(" ", text))
    first = _FIRST.match(bare)
    word = first.group(1).lower() if first else ""
    kind = _PLAIN.get(word, "unknown")
    if kind in {"commit", "rollback", "begin", "unknown"}:
        return kind, UNKNOWN
    if kind == "write" or word in {"with", "explain"}:
        matches = [found for found in (pattern.search(bare) for pattern in _WRITES) if found is not None]
        if matches:
            return "write", _table(min(matches, key=re.Match.start))
    found = _READ.search(bare) if kind == "read" else None
    return kind, _table(found) if found else UNKNOWN


def shared(answers: list[tuple[str, Value]]) -> tuple[str, Value]:
    """What several possible statements have in common."""
    kinds = {kind for kind, _ in answers}
    first = answers[0][1]
    same = all(table == first for _, table in answers)
    return (kinds.pop() if len(kinds) == 1 else "unknown"), (first if same else UNKNOWN)


def _table(found: re.Match[str]) -> Value:
    if found.string.startswith(_HOLE, found.end()):
        return UNKNOWN
    schema, name = found.group(1), found.group(2)
    if name is None:
        return Const(schema)
    return Const(name if schema == "public" else f"{schema}.{name}")
