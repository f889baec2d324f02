"""Helm templates as plain YAML of the same length: what `{{...}}` means is looked up, never executed.

An action alone on its line becomes spaces; an inline action becomes a mark that `Masked.text` turns into its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

_ACTION = re.compile(rb"\{\{.*?\}\}", re.DOTALL)
_MARK = re.compile(r"~([0-9a-z]{3})~+")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LOOKUP = re.compile(r"(?:\$?\.)((?:Values|Chart|Release)(?:\.\w+)+)$")
_DEFAULT = re.compile(r"default\s+(?:\"([^\"]*)\"|'([^']*)'|(\S+))$|default\s+\(?(\$?\.[\w.]+)\)?$")
_NAME = re.compile(r"(?:include|template)\s+\"[^\"]*\.(?:fullname|name)\"")
_MAX_LINE = 300
_MAX_ACTIONS = len(_DIGITS) ** 3


class Masked(msgspec.Struct, frozen=True):
    """Masked source and what each mark stands for; `actions` are the expressions in order."""

    source: bytes
    actions: tuple[str, ...]

    def text(self, text: str, lookup: Callable[[str], str | None]) -> str | None:
        """Return a scalar with its marks replaced, None when one of them is not known.

        `lookup` gives the value of "Values.image.tag", "Chart.Name" and "Chart.Fullname".
        """
        unknown = False

        def replace(match: re.Match[str]) -> str:
            nonlocal unknown
            index = int(match.group(1), 36)
            value = _evaluate(self.actions[index], lookup) if index < len(self.actions) else None
            unknown = unknown or value is None
            return value or ""

        result = _MARK.sub(replace, text)
        return None if unknown else result

    def with_unknown(self, text: str, name: str) -> str | None:
        """Return a scalar with `name` for its only mark; None when it has several."""
        return _MARK.sub(lambda _match: name, text) if len(_MARK.findall(text)) <= 1 else None


def mask(source: bytes) -> Masked:
    """Mask every action; the result has the length and the lines of the source."""
    actions: list[str] = []

    def replace(match: re.Match[bytes]) -> bytes:
        action = match.group()
        # On longer lines nothing stands alone; looking at all of them again and again would take for ever.
        first, last = max(match.start() - _MAX_LINE, 0), min(match.end() + _MAX_LINE, len(source))
        before = source.rfind(b"\n", first, match.start()) + 1 or first
        after = source.find(b"\n", match.end(), last)
        rest = source[before : match.start()] + source[match.end() : last if after < 0 else after]
        # What is left of the line without its actions decides whether they stand alone.
        alone = not _ACTION.sub(b"", rest).strip()
        if alone or b"\n" in action or len(actions) >= _MAX_ACTIONS:
            return re.sub(rb"[^\r\n]", b" ", action)
        actions.append(action[2:-2].decode("utf-8", "replace").strip("- \t"))
        index = len(actions) - 1
        mark = f"~{_DIGITS[index // 1296]}{_DIGITS[index // 36 % 36]}{_DIGITS[index % 36]}"
        return mark.encode().ljust(len(action), b"~")

    # Behind the last end of an action nothing is one, however often one seems to begin.
    end = source.rfind(b"}}") + 2
    return Masked(_ACTION.sub(replace, source[:end]) + source[end:] if end > 1 else source, tuple(actions))


def _evaluate(action: str, lookup: Callable[[str], str | None]) -> str | None:
    head, *pipes = [part.strip() for part in action.split("|")]
    head = re.sub(r"^(?:quote|squote|toString|required\s+\"[^\"]*\")\s+", "", head).strip("() ")
    if _NAME.match(head):
        return lookup("Chart.Fullname")
    match = _LOOKUP.match(head)
    value = lookup(match.group(1)) if match else None
    if match is None and re.fullmatch(r"\"[^\"]*\"", head):
        value = head[1:-1]
    for pipe in pipes:
        default = _DEFAULT.match(pipe)
        if default and value in {None, ""}:
            literal = next((group for group in default.groups()[:3] if group is not None), None)
            reference = _LOOKUP.match((literal or default.group(4) or "").strip("()"))
            value = lookup(reference.group(1)) if reference else literal
        elif pipe == "upper" and value:
            value = value.upper()
        elif pipe == "lower" and value:
            value = value.lower()
    return value
