"""Standard output: painted on a terminal, plain in a pipe, silent when the reader has left."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TextIO

from shearpin.report.styled import Line, Tone, plain_text

_STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.FAINT: "dim",
    Tone.ERROR: "bold red",
    Tone.WARNING: "bold yellow",
    Tone.INFORMATION: "bold blue",
    Tone.GOOD: "green",
    Tone.FRAME: "cyan",
}
#: drawn instead of signs that the terminal's encoding lacks
_PLAINER = str.maketrans({"█": "#", "░": ".", "▒": "?", "…": "~"})


def show(lines: Iterable[Line]) -> None:
    """Write styled lines to standard output."""
    if is_painted(sys.stdout):
        _paint(lines)
    else:
        write_text(plain_text(lines))


def write_text(text: str) -> None:
    """Write text to standard output; characters that its encoding lacks are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    with _reader_may_leave():
        sys.stdout.write(text)
        sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Write bytes (UTF-8 whatever the terminal's encoding) to standard output."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        write_text(data.decode())
        return
    with _reader_may_leave():
        stream.write(data)
        stream.flush()


def complain(text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(text + "\n")


def is_painted(stream: TextIO) -> bool:
    """Whether colours are wanted: a terminal, no NO_COLOR, no dumb terminal."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def _reader_may_leave() -> Generator[None]:
    """The reader of a pipe has seen enough: what is still to come goes nowhere, and the exit status stays."""
    try:
        yield
    except OSError as error:
        # Windows reports a closed pipe as an invalid argument
        if error.errno not in {errno.EPIPE, errno.EINVAL}:
            raise
        # else the interpreter's last flush would fail
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)


def _paint(lines: Iterable[Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    with _reader_may_leave():
        for pieces in lines:
            text = Text()
            for piece in pieces:
                text.append(piece.text, _STYLES[piece.tone])
            console.print(text)
