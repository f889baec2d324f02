"""Protocol buffer definitions: which procedures a gRPC service has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import ManifestFacts, RpcMethod, RpcService
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader

_TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|$)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[A-Za-z_][\w.]*|[{};]", re.DOTALL
)
_SERVICE = re.compile(rb"\bservice\s+[A-Za-z_]")


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    return ManifestFacts("protobuf", path, rpcs=tuple(_services(path, source)))


def _services(path: str, source: bytes) -> Iterator[RpcService]:
    package = name = ""
    site = Site(path, "", 0, 0)
    methods: list[RpcMethod] = []
    depth = 0
    before = ""
    for word, here in _words(path, source):
        if word == "{":
            depth += 1
        elif word == "}":
            depth = max(depth - 1, 0)
            if name and depth == 0:
                yield RpcService(name, tuple(methods), site)
                name = ""
                methods.clear()
        elif before == "package" and depth == 0:
            package = word
        elif before == "service" and depth == 0:
            name, site = f"{package}.{word}" if package else word, here
        elif before == "rpc" and depth == 1 and name:
            methods.append(RpcMethod(word, here))
        before = word
    if name and methods:
        # The closing brace is being written.
        yield RpcService(name, tuple(methods), site)


def _words(path: str, source: bytes) -> Iterator[tuple[str, Site]]:
    """Identifiers, braces and semicolons; a quoted text is none of them, so that it separates."""
    for match in _TOKEN.finditer(source):
        found = match.group()
        if not found.startswith((b"//", b"/*")):
            word = "" if found[:1] in (b'"', b"'") else found.decode("ascii", "replace")
            yield word, Site(path, "", match.start(), match.end())


READER = Reader(
    "protobuf",
    lambda path: path.endswith(".proto"),
    _read,
    lambda _path, source: bool(_SERVICE.search(source)),
)
