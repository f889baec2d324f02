"""Shell scripts that start servers and workers: run.sh, start.sh, entrypoint.sh and the like."""

from __future__ import annotations

import re

from shearpin.facts.manifest import ManifestFacts, Workload
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax.command import expand_command

_NAME = re.compile(r"(^|/)[^/]*(run|start|entrypoint|serve|server|boot|launch|worker|up)[^/]*\.sh$", re.IGNORECASE)
_STARTS = re.compile(
    rb"\b(uvicorn|gunicorn|hypercorn|daphne|granian|uwsgi|celery|flask|fastapi|python[0-9.]*|arq|dramatiq|nameko"
    rb"|faststream|waitress-serve)\b"
)


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    folder = folder_of(path)

    def open_file(name: str) -> bytes | None:
        return source if name == path else files.read(join(folder, name))

    command = expand_command(("sh", path), open_file)
    if not any(_STARTS.search(word.encode()) for word in command):
        return ManifestFacts("", path)
    name = path.rpartition("/")[2].removesuffix(".sh")
    match = _STARTS.search(source)
    site = Site(path, "", match.start(), match.end()) if match else Site(path, "", 0, 0)
    workload = Workload("script", name, site, path, build=folder, command=command)
    return ManifestFacts("script", path, (workload,), reads=files.asked)


READER = Reader(
    "startscript", lambda path: bool(_NAME.search(path)), _read, lambda _path, source: bool(_STARTS.search(source))
)
