r"""Paths written as regular expressions (`^orders/(?P<order_id>\d+)/$`), as paths with parameters."""

from __future__ import annotations

import re

#: characters that take a piece a number of times
_QUANTIFIER = re.compile(r"[*+?]\??|\{\d*,?\d*\}\??")
#: a class of characters, or one that an escape names
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDwWsS]")
_NAMED = re.compile(r"\?P<([A-Za-z_]\w*)>")
#: what begins a group that only groups, or only looks
_PLAIN = re.compile(r"\?(?::|[a-zA-Z]+:)")
_LOOK = re.compile(r"\?(?:=|!|<=|<!|#)")
_ANYTHING = re.compile(r"(?<!\\)\.[*+]")


def regex_path(pattern: str) -> str:
    """The path that a pattern matches, with `{name}` for what varies and `{name:path}` for what spans segments.

    A last slash that may be missing is left out.
    """
    text = pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z").removesuffix("$")
    return _read(text.removesuffix("/?").removesuffix("\\") if slash_may_miss(pattern) else text)


def slash_may_miss(pattern: str) -> bool:
    """The pattern matches with and without a slash at its end."""
    return pattern.removesuffix("$").removesuffix(r"\Z").endswith("/?")


def _read(text: str) -> str:
    found: list[str] = []
    position = count = 0
    while position < len(text):
        char = text[position]
        if char == "(":
            end = _closing(text, position)
            piece = _group(text[position + 1 : end], count)
            count += 1
            position = end + 1
        elif (match := _CLASS.match(text, position)) is not None:
            piece, position = "{}", match.end()
        elif char == "\\":
            piece, position = text[position + 1 : position + 2], position + 2
            piece = "" if piece in "AZbB" else piece
        elif char in "^$":
            piece, position = "", position + 1
        elif char == ".":
            piece, position = "{}", position + 1
        else:
            piece, position = char, position + 1
        quantifier = _QUANTIFIER.match(text, position)
        if quantifier is not None:
            position = quantifier.end()
            is_text = char == "(" or "{" not in piece
            if quantifier[0].startswith(("?", "*")) and is_text:
                piece = ""  # may be missing
            elif char == "." and piece == "{}":
                piece = "{rest:path}"
        found.append(piece)
    return re.sub(r"(?:\{\}){2,}", "{}", "".join(found))


def _closing(text: str, start: int) -> int:
    """Where the group that opens at `start` ends; the end of the text when it does not."""
    depth, position = 0, start
    while position < len(text):
        match = _CLASS.match(text, position)
        if match is not None:
            position = match.end()
            continue
        if text[position] == "\\":
            position += 2
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
        position += 1
    return len(text)


def _group(body: str, count: int) -> str:
    named = _NAMED.match(body)
    if named is not None:
        return f"{{{named[1]}:path}}" if _ANYTHING.search(body) else f"{{{named[1]}}}"
    if _LOOK.match(body):
        return ""
    plain = _PLAIN.match(body)
    if plain is not None:
        inner = body[plain.end() :]
        return "{}" if "|" in inner else _read(inner)
    return f"{{arg{count}:path}}" if _ANYTHING.search(body) else f"{{arg{count}}}"
