"""`shearpin rules`: all installed rules."""

from __future__ import annotations

import click

from shearpin.cli.exits import ExitStatus


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> int:
    """List all rules with severity and summary."""
    from shearpin.cli.terminal import show, write_bytes
    from shearpin.report.pages import rule_table, rules_json
    from shearpin.rulekit.rule import discover

    if form == "json":
        write_bytes(rules_json(discover()))
    else:
        show(rule_table(discover()))
    return ExitStatus.CLEAN
