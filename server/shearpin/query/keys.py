"""The inputs of the database: what `workspace` writes and queries read. One constructor per kind of key.

Reverse questions ("who mentions this name") are inputs with a version per name, kept up to date from the difference
of two summaries, so that an answer changes when a file appears that was never consulted.
"""

from __future__ import annotations

from shearpin.query.kernel import Key


def part(path: str, part_id: str) -> Key:
    """-> syntax.ir.Part, or None."""
    return ("part", path, part_id)


def part_ids(path: str) -> Key:
    """-> tuple of part ids in order of position, or None when the file is no Python file of the workspace."""
    return ("part-ids", path)


def module_flags(path: str) -> Key:
    """-> syntax.flags.ModuleFlags: has_error and `__all__`."""
    return ("module-flags", path)


def python_file(path: str) -> Key:
    """-> True when the Python file exists (negative answers are recorded)."""
    return ("python-file", path)


def folder(path: str) -> Key:
    """-> True when the folder holds, at any depth, a Python file ("" is the workspace root)."""
    return ("folder", path)


def folder_files(path: str) -> Key:
    """-> sorted tuple of names of all files that matter and folders (with trailing slash) directly in the folder."""
    return ("folder-files", path)


def python_paths() -> Key:
    """-> sorted tuple of all Python files. Only for questions about the whole workspace."""
    return ("python-paths",)


def mentions(name: str) -> Key:
    """-> sorted tuple of (path, part id) whose part mentions the identifier."""
    return ("mentions", name)


def renamed(name: str) -> Key:
    """-> sorted tuple of (path, part id) that make what has the name known under another (`import a as b`, `b = a`)."""
    return ("renamed", name)


def attribute_writes(name: str) -> Key:
    """-> sorted tuple of (path, part id) that assign an attribute of that name."""
    return ("attribute-writes", name)


def subclasses(name: str) -> Key:
    """-> sorted tuple of (path, part id) of classes with a base whose last segment is that name."""
    return ("subclasses", name)


def manifest(path: str) -> Key:
    """-> facts.manifest.ManifestFacts, or None."""
    return ("manifest", path)


def manifest_paths() -> Key:
    """-> sorted tuple of all manifest files."""
    return ("manifest-paths",)


def dependency_file(path: str) -> Key:
    """-> tuple of (distribution name, version or "") that a requirements or pyproject file names."""
    return ("dependency-file", path)


def models() -> Key:
    """-> facts.model.Models: what adapters teach `meaning`."""
    return ("models",)


def adapters() -> Key:
    """-> tuple of adapterkit.Adapter."""
    return ("adapters",)


def is_partial() -> Key:
    """-> True while only some files of the workspace are read, so that nothing is known to be absent elsewhere."""
    return ("is-partial",)


def setting(name: str) -> Key:
    """-> one setting's value as `settings` types it."""
    return ("setting", name)
