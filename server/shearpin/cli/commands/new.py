"""`shearpin new rule` and `shearpin new adapter`: the first version of a file, with its headings."""

from __future__ import annotations

from pathlib import Path

import click

from shearpin.cli.exits import ExitStatus


@click.group("new")
def command() -> None:
    """Start a new rule or adapter."""


@command.command("rule")
@click.argument("identity", metavar="PACK/NAME")
@click.option("--into", default="rules/shearpin_rules", show_default=True, metavar="FOLDER", help="The rule package.")
def rule(identity: str, into: str) -> int:
    """Write a rule with its page; NAME says the problem, like retries/unbounded-retry."""
    from shearpin.cli.scaffold import write_rule
    from shearpin.cli.terminal import write_text

    files = write_rule(identity, Path(into))
    name = identity.rpartition("/")[2]
    write_text(
        _written(files) + "Next:\n"
        "  1. Write the page: each block marked bad, fixed or good is executed as a test.\n"
        "  2. Write `check`: early returns say why the rule stays silent; unknown is a verdict.\n"
        f"  3. Run: python -m pytest tests/rules -k {name.replace('-', '_')}\n"
        f"  4. Read it as its users will: shearpin explain {name}\n"
    )
    return ExitStatus.CLEAN


@command.command("adapter")
@click.argument("name")
@click.option("--into", default="server/shearpin/adapters", show_default=True, metavar="FOLDER", help="The package.")
def adapter(name: str, into: str) -> int:
    """Write an adapter for the library NAME with its page."""
    from shearpin.cli.scaffold import write_adapter
    from shearpin.cli.terminal import write_text

    files = write_adapter(name, Path(into))
    write_text(
        _written(files) + "Next:\n"
        "  1. State the version whose source you read, and what the library does by default.\n"
        "  2. Subscribe to its calls by canonical name; turn each into facts, and judge nothing.\n"
        "  3. Write the page: each pair of code and facts is executed as a test.\n"
        f"  4. Run: python -m pytest tests/adapters -k {files[0].stem}\n"
    )
    return ExitStatus.CLEAN


def _written(files: list[Path]) -> str:
    return "".join(f"wrote {path.as_posix()}\n" for path in files)
