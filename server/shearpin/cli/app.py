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


class LazyGroup(click.Group):
    """Commands are the modules of `cli.commands`; each has `command`. `new_rule.py` would be `new-rule`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, without importing them."""
        del ctx
        names = (info.name for info in pkgutil.iter_modules(commands.__path__) if not info.name.startswith("_"))
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command = module.command
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which command was probably meant."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            from shearpin.settings.reading import near_match

            known = self.list_commands(ctx)
            hint = near_match(args[0], tuple(known)) or f"; commands are {', '.join(known)}"
            raise RefusedError(f'no command "{args[0]}"{hint}')
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="shearpin", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback when shearpin itself fails.")
def shearpin(debug: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Architectural violations of a distributed Python system, seen across the whole workspace."""
    del debug


def run(arguments: Sequence[str]) -> int:
    """Run a command line and give its exit status. Writes every failure to standard error; raises nothing."""
    try:
        status = shearpin.main(args=list(arguments), prog_name="shearpin", standalone_mode=False)
    except RefusedError as refusal:
        return _refuse(*refusal.lines)
    except click.UsageError as error:
        place = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return _refuse(error.format_message().rstrip(".").replace("\n", " ") + place)
    except click.ClickException as error:
        return _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return ExitStatus.USAGE
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:  # noqa: BLE001 - the edge of the process: exit 3 instead of a traceback
        return _fail(error, with_traceback="--debug" in arguments)
    return status if isinstance(status, int) else ExitStatus.CLEAN


def _refuse(*lines: str) -> int:
    for text in lines:
        sys.stderr.write(f"error: {text}\n")
    return ExitStatus.USAGE


def _reader_left() -> int:
    from shearpin.cli.terminal import silence

    silence(sys.stdout)
    return ExitStatus.CLEAN


def _fail(error: Exception, *, with_traceback: bool) -> int:
    if with_traceback:
        traceback.print_exception(error)
    advice = "" if with_traceback else ": run the same command as `shearpin --debug ...` for a traceback to send along"
    what = f"{type(error).__name__} {' '.join(str(error).split())}".strip()
    sys.stderr.write(f"internal error: {what}. This is a bug of shearpin, please report it{advice}\n")
    return ExitStatus.INTERNAL
