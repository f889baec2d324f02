"""What kind of code a file holds; decided in `services`, because the graph needs it too."""

from __future__ import annotations

from shearpin.services.classify import PathClass, path_class

__all__ = ["PathClass", "path_class"]
