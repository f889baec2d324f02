"""The manifest of the VS Code extension: who may name a program, and what the editor offers."""

from __future__ import annotations

import json
import re

from shearpin.lsp.command_names import CLIENT_SHOWS_PLACES
from shearpin.lsp.options import Mode, Options, Scope, Summary, options_of
from shearpin.lsp.registration import COMMANDS

from .sources import ROOT

FOLDER = ROOT / "client-vscode"
MANIFEST = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
SETTINGS = MANIFEST["contributes"]["configuration"]["properties"]
OTHERS = Options(Scope.WORKSPACE, Mode.PULL, inlay_hints=True, code_lens=False, summary=Summary.OFF)
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted((FOLDER / "src").glob("*.ts")))


def test_a_workspace_cannot_name_the_program():
    """A folder that somebody opens must not decide what runs on the machine."""
    assert SETTINGS["shearpin.path"]["scope"] == "machine"
    trust = MANIFEST["capabilities"]["untrustedWorkspaces"]
    starts_programs = {"shearpin.path", "shearpin.interpreter", "shearpin.args"}
    assert set(trust["restrictedConfigurations"]) >= starts_programs
    assert SETTINGS.keys() >= starts_programs
    assert {SETTINGS[name]["scope"] for name in starts_programs} <= {"machine", "machine-overridable"}


def test_every_command_is_registered():
    """Here or by the server; one command registered in both places would keep the client from starting."""
    offered = {command["command"] for command in MANIFEST["contributes"]["commands"]}
    here = set(re.findall(r'registerCommand\("([^"]+)"', SOURCE))
    assert not here & COMMANDS.keys()
    assert here <= offered <= here | COMMANDS.keys()
    assert CLIENT_SHOWS_PLACES in SOURCE
    assert CLIENT_SHOWS_PLACES not in COMMANDS


def test_options_that_the_server_reads_are_settings():
    """The server's defaults are the editor's."""
    settings = {name.removeprefix("shearpin."): setting for name, setting in SETTINGS.items()}
    assert options_of({name: setting["default"] for name, setting in settings.items()}, OTHERS) == Options()
    choices = {"diagnostics.scope": Scope, "diagnostics.mode": Mode, "acceptance.summary": Summary}
    assert {name: settings[name]["enum"] for name in choices} == {
        name: [member.value for member in kind] for name, kind in choices.items()
    }


def test_every_setting_is_read():
    read = {f"shearpin.{name}" for name in re.findall(r'settings\.get<[^>]+>\("([^"]+)"', SOURCE)}
    # The client library reads this one by its name.
    assert read | {"shearpin.trace.server"} == set(SETTINGS)


def test_the_bundle_is_what_the_manifest_starts():
    assert MANIFEST["main"] in f"./{MANIFEST['scripts']['build']}".replace("outfile=", "./")
    assert MANIFEST["devDependencies"]["@types/vscode"].startswith(MANIFEST["engines"]["vscode"].strip("^")[:4])
