"""The group of commands, found by file name and imported when used, and what becomes of exceptions."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Sequence

import click

from shearpin import __version__
from shearpin.cli import commands
from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.settings.reading import near_match


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="shearpin", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback when shearpin itself fails.")
def shearpin(debug: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Architectural violations of a distributed Python system, seen across the whole workspace."""
    del debug


def run(arguments: Sequence[str]) -> int:
    """Run a command line and give its exit status. Writes every failure to standard error; raises nothing."""
    # the option is the group's, but who meets a failure adds it at the end of the line
    words = [argument for argument in arguments if argument != "--debug"]
    try:
        _import_commands(words)
        status = shearpin.main(args=words, prog_name="shearpin", standalone_mode=False)
    except RefusedError as refusal:
        return _refuse(*refusal.lines)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return ExitStatus.USAGE
    except click.UsageError as error:
        place = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return _refuse(error.format_message().rstrip(".").replace("\n", " ") + place)
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return ExitStatus.USAGE
    except Exception as error:  # noqa: BLE001 - the edge of the process: exit 3 instead of a traceback
        return _fail(error, with_traceback=len(words) < len(arguments))
    return status if isinstance(status, int) else ExitStatus.CLEAN


def _import_commands(arguments: Sequence[str]) -> None:
    """Import the command that is asked for, or all when none is, for the help."""
    known = sorted(info.name for info in pkgutil.iter_modules(commands.__path__))
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    if asked is not None and asked not in known:
        hint = near_match(asked, tuple(known)) or f"; commands are {', '.join(known)}"
        raise RefusedError(f'no command "{asked}"{hint}')
    for name in known if asked is None else [asked]:
        shearpin.add_command(importlib.import_module(f"{commands.__name__}.{name}").command)


def _refuse(*lines: str) -> int:
    for text in lines:
        sys.stderr.write(f"error: {text}\n")
    return ExitStatus.USAGE


def _fail(error: Exception, *, with_traceback: bool) -> int:
    if with_traceback:
        traceback.print_exception(error)
    advice = "" if with_traceback else ": run the same command as `shearpin --debug ...` for a traceback to send along"
    what = f"{type(error).__name__} {' '.join(str(error).split())}".strip()
    sys.stderr.write(f"internal error: {what}. This is a bug of shearpin, please report it{advice}\n")
    return ExitStatus.INTERNAL
