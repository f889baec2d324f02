"""Shell text to simple commands. Only as much of the language as start scripts and `CMD` lines need."""

from __future__ import annotations

_SEPARATORS = ("&&", "||", ";;", ";", "&", "|", "\n", "(", ")", "`")
_PAIRS = {"{": "}", "(": ")"}


def split_commands(text: str) -> tuple[tuple[str, ...], ...]:
    """Split into simple commands of words, quotes resolved, `$...` kept as written; redirections are dropped.

    Never raises: an unclosed quote ends with the text.
    """
    commands: list[tuple[str, ...]] = []
    words: list[str] = []
    position = 0
    length = len(text)
    while position < length:
        if text.startswith("\\\n", position):
            position += 2
        elif text[position] in " \t\r":
            position += 1
        elif text[position] == "#":
            newline = text.find("\n", position)
            position = length if newline < 0 else newline
        elif separator := next((mark for mark in _SEPARATORS if text.startswith(mark, position)), ""):
            if words:
                commands.append(tuple(words))
                words = []
            position += len(separator)
        elif text[position] in "<>":
            position = _after_redirection(text, position)
        else:
            word, position, redirects = _word(text, position)
            if not redirects:
                words.append(word)
    if words:
        commands.append(tuple(words))
    return tuple(commands)


def _after_redirection(text: str, position: int) -> int:
    while position < len(text) and text[position] in "<>&":
        position += 1
    while position < len(text) and text[position] in " \t":
        position += 1
    return _word(text, position)[1] if position < len(text) and text[position] not in "\n;&|" else position


def _word(text: str, position: int) -> tuple[str, int, bool]:
    """Return the word, the position after it, and whether it is the number of a redirection (`2>`)."""
    pieces: list[str] = []
    start = position
    while position < len(text):
        character = text[position]
        if character in " \t\r\n;&|()`":
            break
        if character in "<>":
            if text[start:position].isdigit():
                return "", position, True
            break
        if character == "\\":
            pieces.append(text[position + 1 : position + 2].replace("\n", ""))
            position += 2
        elif character in "'\"":
            piece, position = _quoted(text, position)
            pieces.append(piece)
        elif character == "$" and text[position + 1 : position + 2] in _PAIRS:
            end = _after_expansion(text, position + 1)
            pieces.append(text[position:end])
            position = end
        else:
            pieces.append(character)
            position += 1
    return "".join(pieces), max(position, start + 1), False


def _quoted(text: str, position: int) -> tuple[str, int]:
    quote = text[position]
    position += 1
    pieces: list[str] = []
    while position < len(text) and text[position] != quote:
        if quote == '"' and text[position] == "\\" and text[position + 1 : position + 2] in {'"', "\\", "$", "`", "\n"}:
            pieces.append(text[position + 1].replace("\n", ""))
            position += 2
        elif quote == '"' and text[position] == "$" and text[position + 1 : position + 2] in _PAIRS:
            end = _after_expansion(text, position + 1)
            pieces.append(text[position:end])
            position = end
        else:
            pieces.append(text[position])
            position += 1
    return "".join(pieces), position + 1


def _after_expansion(text: str, position: int) -> int:
    opening = text[position]
    closing = _PAIRS[opening]
    depth = 0
    while position < len(text):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return position
