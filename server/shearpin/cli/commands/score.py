"""`shearpin score`: how far practices hold."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.cli.options import JOBS, NO_CACHE, ROOT, folder


class _Given(TypedDict):
    """The command's parameters as click passes them."""

    root: str
    form: str
    minimum: int | None
    why: str | None
    service: str | None
    jobs: int | None
    no_cache: bool


@click.command("score")
@ROOT
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--min", "minimum", type=click.IntRange(0, 100), metavar="PERCENT", help="Exit with 1 when fewer of them hold."
)
@click.option("--why", metavar="PRACTICE", help="List every place of this practice and what is said about it.")
@click.option("--service", metavar="NAME", help="Only this service.")
@JOBS
@NO_CACHE
def command(**given: Unpack[_Given]) -> int:
    """Show how far practices hold: of all places that rules examine, how many are right.

    What is not known stands beside what holds and never counts as good. ROOT is the folder that holds the whole system.
    """
    root = folder(given["root"])
    from shearpin.cli.opening import examine, opened, places_of
    from shearpin.cli.terminal import show, write_bytes
    from shearpin.report.score import score_json, score_text, why_text
    from shearpin.session import share

    with opened(root, jobs=given["jobs"], use_cache=not given["no_cache"]) as session:
        examine(session)
        score = session.score()
        practice = _known("practice", given["why"], tuple(score.by_practice()))
        services = {*score.by_service(), *(service.id for service in session.graph().services)}
        shown = score.only(practice, _known("service", given["service"], tuple(sorted(filter(None, services)))))
        places = places_of(session)
        if given["form"] == "json":
            write_bytes(score_json(shown, places, session.root.as_posix(), with_verdicts=practice is not None))
        else:
            show(why_text(shown, places) if practice is not None else score_text(shown))
        return _status(given["minimum"], share(shown.total()))


def _status(minimum: int | None, share: int | None) -> int:
    from shearpin.cli.terminal import complain

    if minimum is None or share is None or share >= minimum:
        return ExitStatus.CLEAN
    complain(f"{share} % hold, fewer than the {minimum} % of --min")
    return ExitStatus.FINDINGS


def _known(what: str, name: str | None, names: tuple[str, ...]) -> str | None:
    """The name that is asked for.

    Raises:
        RefusedError: there is none of that name.
    """
    from shearpin.settings.reading import near_match

    if name is None or name in names:
        return name
    hint = near_match(name, names) or f"; {what}s are {', '.join(names) or 'none'}"
    raise RefusedError(f'no {what} "{name}"{hint}')
