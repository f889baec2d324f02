"""What the readme says can be done, can be done."""

from __future__ import annotations

import pkgutil
import re
import tomllib

from shearpin.cli import commands
from shearpin.rulekit import discover
from shearpin.settings import load

from .sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_settings_are_valid():
    block = re.search(r"```toml\n(\[tool\.shearpin\].*?)```", README, re.DOTALL)
    assert block is not None
    settings = load(lambda name: block[1].encode() if name == "pyproject.toml" else None)
    assert settings.services[0].external
    known = {rule.name for rule in discover()} | {rule.pack for rule in discover()} | {"all"}
    assert {mention.name for mention in settings.mentions} <= known


def test_it_shows_every_setting():
    from shearpin.settings.model import Settings

    block = re.search(r"```toml\n(\[tool\.shearpin\].*?)```", README, re.DOTALL)
    assert block is not None
    shown = tomllib.loads(block[1])["tool"]["shearpin"].keys()
    fields = {name.replace("_", "-") for name in Settings.__struct_fields__} - {"origin", "mentions"}
    assert fields == shown


def test_its_commands_exist():
    used = set(re.findall(r"^shearpin (\w+)", README, re.MULTILINE)) | set(re.findall(r"`shearpin (\w+)", README))
    existing = {info.name for info in pkgutil.iter_modules(commands.__path__)}
    assert used >= {"check", "graph", "fix", "rules", "explain", "serve"}
    assert used <= existing


def test_it_lists_every_rule_under_its_pack():
    table = re.search(r"## What it finds\n(.*?)\n## ", README, re.DOTALL)
    assert table is not None
    rows = re.findall(r"^\| (\w+) \| (.+) \|$", table[1], re.MULTILINE)
    listed = {(pack, name) for pack, names in rows for name in re.findall(r"`([a-z-]+)`", names)}
    assert listed == {(rule.pack, rule.name) for rule in discover() if rule.module.startswith("shearpin_rules.")}


def test_the_rules_that_it_names_exist():
    names = {rule.name for rule in discover()}
    named = set(re.findall(r"allow\[([a-z-]+)\]", README)) | set(re.findall(r"shearpin explain ([a-z-]+)", README))
    assert named
    assert named <= names
