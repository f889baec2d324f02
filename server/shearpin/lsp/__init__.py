"""The language server: the only home of pygls. Analysis runs in one thread of its own, everything else in the loop."""
