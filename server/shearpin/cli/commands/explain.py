"""`shearpin explain RULE`: the rule's page."""

from __future__ import annotations

import click

from shearpin.cli.exits import ExitStatus


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> int:
    """Show what a rule reports, why it matters, and how to fix it."""
    from shearpin.cli.rule_names import rule_named
    from shearpin.cli.terminal import show
    from shearpin.report.pages import rule_page
    from shearpin.report.suppressions.comments import comment_rule

    show(rule_page(comment_rule(rule) or rule_named(rule)))
    return ExitStatus.CLEAN
