"""What the author of an adapter imports: the Adapter value, the vocabulary, and `facts_of`."""

from shearpin.adapterkit.adapter import Adapter, Handler

__all__ = ["Adapter", "Handler"]
