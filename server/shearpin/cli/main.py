"""Entry of the program. Kept free of imports so that `--version` answers at once."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line of this process and leave with its exit status."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from shearpin import __version__

        sys.stdout.write(f"shearpin {__version__}\n")
        return
    if arguments[:1] != ["serve"]:
        # A run that ends soon keeps nearly all it makes: looking for garbage in it costs a sixth of the time.
        gc.disable()
    from shearpin.cli.app import run

    status = run(arguments)
    # Taking millions of objects apart at the end takes a second; frozen, they go with the process.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
