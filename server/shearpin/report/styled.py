"""Text with tones: what a piece of output means, not which colour it gets. The CLI paints it or drops the tones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Tone(Enum):
    """What a piece of text is."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    GOOD = "good"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one tone; holds no line break."""

    text: str
    tone: Tone = Tone.PLAIN


Line: TypeAlias = tuple[Piece, ...]

BLANK: Line = ()


def line(*pieces: str | Piece) -> Line:
    """Make a line of pieces; plain strings are of tone PLAIN."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)


def strong(text: str) -> Piece:
    """Text that leads the eye."""
    return Piece(text, Tone.STRONG)


def faint(text: str) -> Piece:
    """Text that is only needed by those who look for it."""
    return Piece(text, Tone.FAINT)


def frame(text: str) -> Piece:
    """Gutters, arrows and rulers."""
    return Piece(text, Tone.FRAME)


def plain_text(lines: Iterable[Line]) -> str:
    """Join lines without tones; every line ends with a line feed and has no trailing blanks."""
    return "".join("".join(piece.text for piece in pieces).rstrip() + "\n" for pieces in lines)
