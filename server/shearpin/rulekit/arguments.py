"""Puts an argument into a call, or a name into an import, in the layout that the list already has."""

from __future__ import annotations

from shearpin.syntax import ir
from shearpin.text.edits import Edit, line_end
from shearpin.text.spans import end_of, start_of


def with_argument(text: bytes, call: ir.Call, base: int, argument: bytes) -> list[Edit] | None:
    """Edits that give a call the keyword argument `name=value`; None when that cannot be done."""
    name = argument.partition(b"=")[0].strip().decode()
    for keyword in call.keywords:
        if keyword.name == name:
            return [Edit(base + start_of(keyword.span), base + end_of(keyword.span), argument)]
    opening, closing = base + start_of(call.args_span), base + end_of(call.args_span) - 1
    if text[opening : opening + 1] != b"(" or text[closing : closing + 1] != b")":
        return None
    items = sorted(
        [*(base + _start(item) for item in call.args), *(base + start_of(item.span) for item in call.keywords)]
    )
    if not items:
        return [Edit(opening + 1, opening + 1, argument)]
    if len(call.args) == 1 and not call.keywords and _is_bare_generator(text, call.args[0], opening, closing):
        return None
    starred = [base + start_of(item.span) for item in call.keywords if not item.name]
    if starred:
        return before_item(text, min(starred), argument)
    return after_items(text, items, closing, argument)


def before_item(text: bytes, position: int, new: bytes) -> list[Edit]:
    """Edits that put an item before the one at `position`."""
    line = text.rfind(b"\n", 0, position) + 1
    lead = text[line:position]
    gap = b"," + line_end(text) + lead if line and not lead.strip() else b", "
    return [Edit(position, position, new + gap)]


def after_items(text: bytes, starts: list[int], closing: int, new: bytes) -> list[Edit]:
    """Edits that put an item behind all others of a bracketed list that ends with the bracket at `closing`."""
    last, comma = _last_solid(text, starts[-1], closing)
    rest_of_line = text.find(b"\n", last, closing)
    if rest_of_line < 0:
        return [Edit(last, last, b" " + new + b",")] if comma else [Edit(last, last, b", " + new)]
    line = text.rfind(b"\n", 0, starts[-1]) + 1
    indent = text[line : len(text) - len(text[line:].lstrip(b" \t"))]
    end = rest_of_line - 1 if text[rest_of_line - 1 : rest_of_line] == b"\r" else rest_of_line
    added = line_end(text) + indent + new + (b"," if comma else b"")
    if comma:
        return [Edit(end, end, added)]
    if end == last:
        return [Edit(end, end, b"," + added)]
    return [Edit(last, last, b","), Edit(end, end, added)]


def _last_solid(text: bytes, start: int, closing: int) -> tuple[int, bool]:
    """End of the last character before the closing bracket that is no space and no comment; whether it is a comma."""
    position, last, last_sign = start, start, b""
    while position < closing:
        sign = text[position : position + 1]
        if sign in {b'"', b"'"}:
            position = _end_of_string(text, position)
            last, last_sign = position, sign
            continue
        if sign == b"#":
            line = text.find(b"\n", position, closing)
            position = closing if line < 0 else line
            continue
        position += 1
        if not sign.isspace() and sign != b"\\":
            last, last_sign = position, sign
    return last, last_sign == b","


def _end_of_string(text: bytes, start: int) -> int:
    quote = text[start : start + 1]
    if text[start : start + 3] == quote * 3:
        quote *= 3
    position = start + len(quote)
    while position < len(text):
        if text[position : position + 1] == b"\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    return len(text)


def _is_bare_generator(text: bytes, item: ir.Expr, opening: int, closing: int) -> bool:
    """`f(x for x in y)`: a second argument would need parentheses around the first."""
    if not isinstance(item, ir.Comprehension) or item.kind != "generator":
        return False
    inside = text[opening + 1 : closing].strip()
    return not inside.startswith(b"(")


def _start(item: ir.Expr) -> int:
    return start_of(item.span)
