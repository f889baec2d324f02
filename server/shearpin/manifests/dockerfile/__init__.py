"""Dockerfiles: what the final image holds and starts, with all stages it is made of resolved."""

from __future__ import annotations

import posixpath
import re

from shearpin.facts.manifest import ImageBuild, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.manifests.dockerfile.stages import Stage, final_stage
from shearpin.syntax.command import expand_command
from shearpin.syntax.dockerfile import read_dockerfile

_NAME = re.compile(r"(^|/)(Dockerfile|Containerfile)([._-][^/]*)?$|\.(dockerfile|containerfile)$", re.IGNORECASE)


def _matches(path: str) -> bool:
    return bool(_NAME.search(path)) and not path.endswith(".dockerignore")


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    stage, bases = final_stage(source, read_dockerfile(source))
    if stage is None:
        return ManifestFacts("", path)

    def open_file(name: str) -> bytes | None:
        for candidate in _in_context(stage, name):
            # The context is usually the folder of the Dockerfile, else the workspace root.
            content = files.read(join(folder_of(path), candidate)) or files.read(join("", candidate))
            if content is not None:
                return content
        return None

    words = (*(stage.entrypoint or ()), *(stage.command or ()))
    command = expand_command(words, open_file) if words else None
    image = ImageBuild(
        path=path,
        base_image=bases[0] if bases else "",
        workdir=stage.workdir,
        copies=tuple(stage.copies),
        command=command or None,
        env=stage.entries(path),
        ports=tuple(stage.ports),
        python_path=stage.python_path(),
        site=Site(path, "", *(stage.command_span or stage.span)),
        entrypoint=stage.entrypoint,
        bases=bases,
    )
    return ManifestFacts("dockerfile", path, images=(image,), reads=files.asked)


def _in_context(stage: Stage, name: str) -> list[str]:
    """Where in the build context a file of the image may come from, best guess first."""
    absolute = posixpath.normpath(posixpath.join(stage.workdir or "/", name))
    found: list[str] = []
    for source, target in reversed(stage.copies):
        if absolute == target:
            found += [source, posixpath.join(source, posixpath.basename(name))]
        elif absolute.startswith(target.rstrip("/") + "/"):
            found.append(posixpath.join(source, absolute[len(target.rstrip("/")) + 1 :]))
    return [join("", path) for path in (*found, posixpath.basename(name)) if not path.startswith("/")]


READER = Reader("dockerfile", _matches, _read)
