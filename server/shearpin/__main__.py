"""`python -m shearpin`."""

from __future__ import annotations

from shearpin.cli.main import main

if __name__ == "__main__":
    main()
