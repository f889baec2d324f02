"""nginx configuration: which locations are passed to which upstream."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import GatewayRoute, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader

_NAME = re.compile(r"(^|/)nginx[^/]*$|\.(conf|nginx|vhost)(\.(template|tmpl|j2|tpl))?$")
_PASS = re.compile(rb"\b(?:proxy|grpc|uwsgi)_pass[ \t]")
_TOKEN = re.compile(rb"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{};]|(?:\$\{[^}\s]*\}|[^\s{};\"'#])+#?")
_VARIABLE = re.compile(r"\$(\w+)$|\$\{(\w+)\}$")


def _matches(path: str) -> bool:
    return bool(_NAME.search(path))


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    routes = tuple(_Reading(path).routes(source))
    return ManifestFacts("nginx", path, routes=routes) if routes else ManifestFacts("", path)


class _Reading:
    def __init__(self, path: str) -> None:
        self._path = path
        self._locations: list[str | None] = []
        self._upstreams: dict[str, str] = {}
        self._variables: dict[str, str] = {}
        self._found: list[GatewayRoute] = []

    def routes(self, source: bytes) -> Iterator[GatewayRoute]:
        """Yield the routes in order, upstream names replaced by their first server."""
        words: list[tuple[str, int, int]] = []
        for match in _TOKEN.finditer(source):
            lexeme = match.group().decode("utf-8", "replace")
            if lexeme.startswith("#"):
                continue
            if lexeme in {"{", ";"}:
                self._directive(words, opens=lexeme == "{")
                words = []
            elif lexeme == "}":
                words = []
                if self._locations:
                    self._locations.pop()
            else:
                words.append((lexeme.strip("\"'"), match.start(), match.end()))
        for route in self._found:
            yield self._with_server(route)

    def _directive(self, words: list[tuple[str, int, int]], *, opens: bool) -> None:
        names = [word for word, _, _ in words]
        if opens:
            location = None
            if names[:1] == ["location"] and len(names) > 1:
                location = "" if names[1] in {"~", "~*"} else names[-1]
            elif names[:1] == ["upstream"] and len(names) > 1:
                location = f"upstream {names[1]}"
            self._locations.append(location)
        elif names[:1] == ["set"] and len(names) > 2:
            self._variables[names[1].lstrip("$")] = names[2]
        elif names[:1] == ["server"] and len(names) > 1 and self._scope().startswith("upstream "):
            self._upstreams.setdefault(self._scope().removeprefix("upstream "), names[1])
        elif names[:1] in (["proxy_pass"], ["grpc_pass"], ["uwsgi_pass"]) and len(words) > 1:
            self._pass(words[1])

    def _scope(self) -> str:
        return next((found for found in reversed(self._locations) if found is not None), "")

    def _pass(self, word: tuple[str, int, int]) -> None:
        target, start, end = word
        variable = _VARIABLE.match(target)
        if variable:
            target = self._variables.get(variable.group(1) or variable.group(2), target)
        prefix = self._scope()
        if not prefix.startswith("/"):  # a regular expression or a named location: the prefix is not known
            return
        rest = re.sub(r"^\w+://[^/]*", "", target)
        site = Site(self._path, "", start, end)
        self._found.append(GatewayRoute("nginx", prefix, target, rest or prefix, (), site))

    def _with_server(self, route: GatewayRoute) -> GatewayRoute:
        match = re.match(r"(\w+://)?([^/:]+)(.*)", route.target)
        server = self._upstreams.get(match.group(2)) if match else None
        if match is None or server is None:
            return route
        target = f"{match.group(1) or ''}{server}{match.group(3)}"
        return GatewayRoute(route.gateway, route.prefix, target, route.rewritten, route.methods, route.site)


READER = Reader("nginx", _matches, _read, lambda _path, source: bool(_PASS.search(source)))
