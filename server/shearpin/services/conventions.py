"""What public images start when neither a Dockerfile nor a manifest says it: they look for an application by name."""

from __future__ import annotations

import re

from shearpin.facts.manifest import ImageBuild, Workload
from shearpin.query import Database
from shearpin.services.commands import Start
from shearpin.services.images import image_name
from shearpin.services.roots import entry_file, locate

#: base images whose own start script runs an application server, by the name of the image
_SERVING = re.compile(r"(?:uvicorn-gunicorn|meinheld-gunicorn)(?:-\w+)?$|uwsgi-nginx(?:-\w+)?$")


def default_starts(
    db: Database, image: ImageBuild, workload: Workload | None, context: str | None, variables: dict[str, str]
) -> tuple[Start, ...]:
    """Return what the base image starts; `app/main.py` is tried before `main.py`, as its script does."""
    if context is None or image.command is not None or not _SERVING.match(image_name(image.base_image)):
        return ()
    attribute = variables.get("VARIABLE_NAME") or "app"
    told = variables.get("APP_MODULE") or (f"{module}:{attribute}" if (module := variables.get("MODULE_NAME")) else "")
    port = variables.get("PORT") or variables.get("LISTEN_PORT") or "80"
    for entry in (told,) if told else (f"app.main:{attribute}", f"main:{attribute}"):
        start = Start("gunicorn", entry, "http", port=int(port) if port.isdecimal() and len(port) < 6 else None)
        roots = locate(db, workload, image, context, (start,))
        if any(entry_file(db, root, entry) for root in roots.source_roots):
            return (start,)
    return ()
