"""Tiltfiles: which folder and Dockerfile each image is built from, as far as it is written out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import ImageSource, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax import ir
from shearpin.syntax.python import summarise
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

_NAME = re.compile(r"(^|/)Tiltfile(\.[\w-]+)?$|\.tiltfile$")
_BUILDS = {"docker_build", "docker_build_with_restart", "docker_build_sub"}


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    # The language is Starlark, which reads as Python.
    summary = summarise(source)
    builds = tuple(
        build
        for part, placement in zip(summary.parts, summary.placements, strict=True)
        for statement in part.body
        for node in walk(statement)
        if isinstance(node, ir.Call) and (build := _build(path, node, placement.start, len(source))) is not None
    )
    return ManifestFacts("tiltfile", path, builds=builds) if builds else ManifestFacts("", path)


def _build(path: str, call: ir.Call, base: int, limit: int) -> ImageSource | None:
    if not isinstance(call.func, ir.Name) or call.func.id not in _BUILDS:
        return None
    texts = {name: value for name, value in _arguments(call) if isinstance(value, ir.Literal)}
    image, context, dockerfile = (_text(texts.get(name)) for name in ("ref", "context", "dockerfile"))
    if not image or not context:
        return None
    folder = join(folder_of(path), context)
    # `dockerfile` is relative to the Tiltfile, not to the context.
    file = join(folder_of(path), dockerfile) if dockerfile else None
    if folder == ".." or folder.startswith(("../", "/")):
        return None
    span = texts["ref"].span
    start, end = base + start_of(span), base + end_of(span)
    return ImageSource(image, folder, file, Site(path, "", min(start, limit), min(end, limit)))


def _arguments(call: ir.Call) -> Iterator[tuple[str, ir.Expr]]:
    yield from zip(("ref", "context"), call.args, strict=False)
    for keyword in call.keywords:
        if keyword.name:
            yield keyword.name, keyword.value


def _text(value: ir.Literal | None) -> str:
    return value.value if value is not None and isinstance(value.value, str) else ""


READER = Reader("tiltfile", lambda path: bool(_NAME.search(path)), _read)
