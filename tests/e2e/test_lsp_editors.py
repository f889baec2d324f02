"""Real editors, headless: what a user sees in Neovim and in Emacs. Skipped where an editor is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SESSIONS = Path(__file__).parent / "editors"
TEXT = """\
import requests


def fetch() -> str:
    name = "😋ö"; return requests.get(f"https://example.com/{name}").text
"""
LINE = 5
BEFORE = TEXT.splitlines()[LINE - 1].split("requests")[0]


def run(command, tmp_path):
    root, home = tmp_path / "system", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    (root / "app.py").write_text(TEXT)
    (root / "shearpin.toml").write_text('select = ["call-without-timeout"]\n')
    session = {
        "cmd": [sys.executable, "-m", "shearpin", "serve"],
        "root": str(root.resolve()),
        "file": str(root.resolve() / "app.py"),
        "fix_line": LINE,
        "hover_line": LINE,
        # Inside the call, whatever the editor counts.
        "hover_column": len(BEFORE) + 6,
    }
    folders = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    environment = {**os.environ, **folders, "EDITOR_SESSION": json.dumps(session)}
    finished = subprocess.run(
        command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False
    )
    lines = [line for line in finished.stdout.decode().splitlines() if line.startswith("{")]
    assert lines, finished.stderr.decode()
    seen = json.loads(lines[-1])
    assert finished.returncode == 0, seen
    return seen


def is_as_it_should_be(seen, column):
    (found,) = seen["before"]
    assert (found["line"], found["column"], found["code"]) == (LINE, column, "call-without-timeout")
    assert "**call-without-timeout**" in json.dumps(seen["hover"]) or "call-without-timeout: " in seen["hover"]
    assert seen["actions"][-1] == "Allow call-without-timeout here, with a reason"
    assert seen["after"] == []
    assert "timeout=" in seen["text"].splitlines()[LINE - 1]


def test_neovim(tmp_path):
    if (nvim := shutil.which("nvim")) is None:
        pytest.skip("neovim is not installed")
    version = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    is_old = tuple(map(int, version.removeprefix("v").split("-")[0].split(".")[:2])) < (0, 9)
    script = str(SESSIONS / "neovim.lua")
    load = ["-c", f"luafile {script}"] if is_old else ["-l", script]
    seen = run([nvim, "--headless", "--clean", "-n", "-i", "NONE", *load], tmp_path)
    is_as_it_should_be(seen, len(BEFORE.encode()) + 1)
    assert seen["messages"] == []
    assert seen["server_exit"] == 0


def test_emacs_with_eglot(tmp_path):
    if (emacs := shutil.which("emacs")) is None:
        pytest.skip("emacs is not installed")
    probe = '(progn (setq package-directory-list \'("/usr/share/emacs/site-lisp/elpa")) (package-initialize)'
    probe += " (kill-emacs (if (require 'eglot nil t) 0 1)))"
    if subprocess.run([emacs, "-q", "--batch", "--eval", probe], capture_output=True, check=False).returncode:
        pytest.skip("eglot is not installed")
    seen = run([emacs, "-q", "--batch", "-l", str(SESSIONS / "eglot.el")], tmp_path)
    is_as_it_should_be(seen, len(BEFORE) + 1)
