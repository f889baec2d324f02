from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from shearpin.cli import terminal
from shearpin.cli.progress import Progress
from shearpin.report.styled import Piece, Tone, line

LINES = (line(Piece("bad", Tone.ERROR), " [bold]plain[/bold] :smile:"), ())


def terminal_like(monkeypatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    return stream


def shown_on_terminal(monkeypatch) -> str:
    # not a fixture: pytest changes standard output between set-up and test
    stream = terminal_like(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        terminal.show(LINES)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_terminal_gets_colours_and_text_is_never_markup(monkeypatch):
    text = shown_on_terminal(monkeypatch)
    assert "\x1b[" in text
    assert "[bold]plain[/bold] :smile:" in text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert shown_on_terminal(monkeypatch) == "bad [bold]plain[/bold] :smile:\n\n"


def test_a_pipe_gets_plain_text(capsys):
    terminal.show(LINES)
    assert capsys.readouterr().out == "bad [bold]plain[/bold] :smile:\n\n"


def test_an_encoding_without_blocks_gets_plainer_signs(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", newline=""))
    terminal.write_text("██▒░ é 漢\n")
    assert raw.getvalue().decode("cp1252") == "##?. é ?\n"


def test_a_reader_that_left_is_no_failure():
    code = (
        "from shearpin.cli import terminal\n"
        "for _ in range(20000):\n    terminal.write_text('line of text\\n')\n"
        "raise SystemExit(1)\n"
    )
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_progress_is_silent_for_a_second_then_drawn_then_wiped(monkeypatch, clock):
    stream = terminal_like(monkeypatch)
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress() as progress:
        progress.step(1, 9, "reading a.py")
        assert stream.getvalue() == ""
        clock[0] += 1.1
        progress.step(2, 9, "reading b.py")
        assert "2/9 reading b.py" in stream.getvalue()
        progress.step(3, 9, "reading " + "c" * 200)
        assert "3/9" not in stream.getvalue()
    assert stream.getvalue().endswith("\r" + " " * 78 + "\r")


def test_progress_is_not_for_pipes(capsys, clock):
    with Progress() as progress:
        clock[0] += 5
        progress.step(2, 9, "reading b.py")
    assert capsys.readouterr().err == ""
