"""shearpin: architectural violations of a distributed Python system, seen across the whole workspace."""

__version__ = "0.1.0"
