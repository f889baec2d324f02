"""Start commands of Python processes: which server or worker runs, and which module or file it is given."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from shearpin.syntax.command import simple_commands

_MODULE = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_APPLICATION = re.compile(rf"({_MODULE}):([A-Za-z_][\w.]*)(\(.*\))?$")
_DOTTED = re.compile(rf"{_MODULE}$")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*$")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_HTTP_SERVERS = {
    "uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "uwsgi", "waitress-serve", "sanic", "litestar", "quart",
}  # fmt: skip
_WRAPPERS = {
    "exec", "nohup", "time", "env", "sudo", "opentelemetry-instrument", "ddtrace-run", "newrelic-admin", "run-program",
    "tini", "dumb-init", "catchsegv", "nice", "stdbuf", "gosu", "su-exec", "watchmedo", "auto-restart", "dockerize",
    "splunk-py-trace", "elastic-instrument", "sentry-run", "uvx",
}  # fmt: skip
#: programs that run Python code given as to `python` itself
_OBSERVERS = {"coverage", "pyinstrument", "memray", "debugpy", "scalene", "viztracer", "watchfiles"}
_RUNNERS = {"poetry", "uv", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "micromamba", "mamba"}
_FLAGS_WITHOUT_VALUE = {
    "--reload", "--factory", "--proxy-headers", "--no-access-log", "--debug", "--preload", "--no-server-header",
    "--no-date-header", "--use-colors", "--no-use-colors", "-u", "-O", "-OO", "-B", "-E", "-s", "-S", "-I", "-i", "-v",
    "--no-reload", "--no-debugger", "--quiet", "-q", "--dev", "--frozen", "--no-dev", "--no-sync", "--locked",
    "--isolated", "--daemon", "--headless", "--run-syncdb", "--all-extras", "--active", "--offline", "--no-project",
}  # fmt: skip


class Start(msgspec.Struct, frozen=True, gc=False):
    """One process that a command starts.

    `entry` is "module:attribute", "module", "path.py", or "celery:module" ("celery-beat:", "celery-flower:" for
    processes that consume nothing); "" when the command does not name it.
    `kind` is "http", "worker", "rpc", "loadgen", "frontend" or "" (unknown). `folder` is an import root given by the
    command, relative to the working directory. `script` is the program itself when it is none that we know.
    `options` are those that stand for an environment variable, under its name and as they are written (`$HOST`);
    `settings` is the settings file that it is given, `modules` what it loads beside its entry.
    """

    program: str
    entry: str = ""
    kind: str = ""
    folder: str = ""
    port: int | None = None
    script: str = ""
    options: tuple[tuple[str, str], ...] = ()
    settings: str = ""
    modules: tuple[str, ...] = ()


def starts(command: Sequence[str] | None, variables: dict[str, str] | None = None) -> tuple[Start, ...]:
    """Return the processes that a start command runs, servers and workers before anything else.

    `variables` is the environment that the command sees (`FLASK_APP`).
    """
    found = [_start(words, variables or {}) for words in simple_commands(tuple(command or ()))]
    known = [start for start in found if start is not None]
    serving = [start for start in known if start.kind]
    return tuple(dict.fromkeys(serving or known))


def _start(words: Sequence[str], variables: dict[str, str]) -> Start | None:
    words = _unwrapped(list(words))
    if not words:
        return None
    program, rest = posixpath.basename(words[0]), words[1:]
    if _PYTHON.match(program):
        return _python(rest, variables)
    if program in _OBSERVERS:
        return _observed(rest, variables)
    if program in _HTTP_SERVERS:
        return _server(program, rest)
    reader = _PROGRAMS.get(program.removesuffix(".py"))
    if reader is not None:
        return reader(rest, variables)
    if program.endswith(".py"):
        return Start("python", words[0].removeprefix("./"))
    return Start(program, script=program)


def _unwrapped(words: list[str]) -> list[str]:
    while words:
        program = posixpath.basename(words[0])
        if _ASSIGNMENT.match(words[0]) or program in _WRAPPERS:
            words = _after_flags(words[1:])
        elif program in _RUNNERS and "run" in words[1:3]:
            words = _after_flags(words[words.index("run") + 1 :])
        elif program.endswith(".sh") and "--" in words:  # wait-for-it.sh db:5432 -- uvicorn ...
            words = words[words.index("--") + 1 :]
        else:
            break
    return words


def _after_flags(words: list[str]) -> list[str]:
    if "--" in words and not any(_is_program(word) for word in words[: words.index("--")]):
        return words[words.index("--") + 1 :]
    while words and words[0].startswith("-"):
        takes_value = "=" not in words[0] and words[0] not in _FLAGS_WITHOUT_VALUE
        following = words[1] if len(words) > 1 else ""
        words = words[2:] if takes_value and following and not _is_program(following) else words[1:]
    return words


def _is_program(word: str) -> bool:
    name = posixpath.basename(word).removesuffix(".py")
    return name in _HTTP_SERVERS or name in _PROGRAMS or bool(_PYTHON.match(name)) or word.endswith(".py")


def _python(words: list[str], variables: dict[str, str]) -> Start | None:
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c", "-"}:
        words = words[2:] if words[0] in {"-W", "-X"} else words[1:]
    if not words or words[0] in {"-c", "-"}:
        return None
    if words[0] == "-m":
        if len(words) < 2:
            return None
        module, rest = words[1], words[2:]
        if module in _HTTP_SERVERS or module in _PROGRAMS or module in _WRAPPERS or module in _OBSERVERS:
            return _start((module, *rest), variables)
        return Start("python", module, port=_port(rest))
    file = words[0].removeprefix("./")
    if posixpath.basename(file) == "manage.py":
        served = words[1] if len(words) > 1 else ""
        return Start("django", file, "http" if served in {"runserver", "runserver_plus"} else "", port=_port(words[1:]))
    return Start("python", file, port=_port(words[1:]))


def _observed(words: list[str], variables: dict[str, str]) -> Start | None:
    """`coverage run -m shop`, `debugpy --listen 0.0.0.0:5678 shop.py`: what follows is as for `python`."""
    for index, word in enumerate(words):
        if word == "-m" or word.endswith(".py"):
            return _python(words[index:], variables)
        if _is_program(word):
            return _start(words[index:], variables)
    return None


def _server(program: str, words: list[str]) -> Start:
    entry, folder = "", ""
    if program == "uwsgi":
        file, callable_ = _option(words, "--wsgi-file"), _option(words, "--callable")
        module = _option(words, "--module", "-w")
        entry = module or (f"{file.removesuffix('.py').replace('/', '.')}:{callable_ or 'application'}" if file else "")
        entry = f"{entry}:{callable_}" if module and callable_ and ":" not in module else entry
    else:
        folder = _option(words, "--app-dir", "--chdir", "--pythonpath", "--root-path" if program == "hypercorn" else "")
        matched = [word for word in words if _APPLICATION.match(word)]
        positional = _positional(words)
        entry = matched[-1] if matched else next((word for word in reversed(positional) if _DOTTED.match(word)), "")
    return Start(program, re.sub(r"\(.*\)$", "", entry), "http", folder, _port(words))


def _flask(words: list[str], variables: dict[str, str]) -> Start | None:
    if "run" not in words:
        return None
    application = _option(words, "--app", "-A") or variables.get("FLASK_APP", "")
    return Start("flask", _as_entry(application), "http", port=_port(words) or 5000)


def _fastapi(words: list[str], _variables: dict[str, str]) -> Start | None:
    if not {"run", "dev"} & set(words[:1]):
        return None
    files = _positional(words[1:])
    return Start("fastapi", files[0] if files else "", "http", port=_port(words) or 8000)


def _celery(words: list[str], _variables: dict[str, str]) -> Start | None:
    application = _option(words, "-A", "--app")
    kind = "worker" if {"worker", "beat"} & set(words) else "http" if "flower" in words else ""
    # A scheduler and a monitor load the application, but consume nothing.
    prefix = "celery" if "worker" in words or not kind else "celery-beat" if kind == "worker" else "celery-flower"
    return Start("celery", f"{prefix}:{_as_entry(application)}" if application else "", kind)


def _nameko(words: list[str], _variables: dict[str, str]) -> Start | None:
    modules = [word for word in _positional(words[1:]) if _DOTTED.match(word) or _APPLICATION.match(word)]
    if words[:1] != ["run"]:
        return None
    broker = _option(words, "--broker")
    options = (("AMQP_URI", broker),) if broker else ()
    settings = _option(words, "--config") or "config.yaml"
    return Start("nameko", modules[0] if modules else "", "rpc", options=options, settings=settings)


def _worker_of_first(words: list[str], _variables: dict[str, str]) -> Start | None:
    entries = [word for word in _positional(words) if word not in {"run", "worker", "scheduler"}]
    entry = entries[0] if entries else ""
    if _DOTTED.match(entry) and entry.rpartition(".")[2][:1].isupper():  # arq: settings class, module.Class
        entry = ":".join(entry.rpartition(".")[::2])
    return Start("worker", _as_entry(entry), "worker", modules=tuple(_as_entry(other) for other in entries[1:]))


def _rq(words: list[str], _variables: dict[str, str]) -> Start | None:
    return Start("rq", "", "worker") if "worker" in words else None


def _locust(words: list[str], _variables: dict[str, str]) -> Start:
    host = _option(words, "--host", "-H")
    options = (("LOCUST_HOST", host),) if host else ()
    return Start("locust", _option(words, "-f", "--locustfile") or "locustfile.py", "loadgen", options=options)


def _streamlit(words: list[str], _variables: dict[str, str]) -> Start | None:
    files = _positional(words[1:])
    return Start("streamlit", files[0] if files else "", "frontend", port=8501) if words[:1] == ["run"] else None


_PROGRAMS = {
    "flask": _flask,
    "fastapi": _fastapi,
    "celery": _celery,
    "nameko": _nameko,
    "faststream": _worker_of_first,
    "taskiq": _worker_of_first,
    "arq": _worker_of_first,
    "dramatiq": _worker_of_first,
    "huey_consumer": _worker_of_first,
    "rq": _rq,
    "locust": _locust,
    "streamlit": _streamlit,
}


def _as_entry(application: str) -> str:
    return application.removesuffix(".py").removeprefix("./").replace("/", ".")


def _option(words: Sequence[str], *names: str) -> str:
    for previous, word in pairwise((*words, "")):
        for name in names:
            if name and previous == name:
                return word
            if name and previous.startswith(name + "="):
                return previous[len(name) + 1 :]
    return ""


def _positional(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word not in _FLAGS_WITHOUT_VALUE
        else:
            found.append(word)
    return found


def _port(words: Sequence[str]) -> int | None:
    text = _option(words, "--port", "-p", "--bind", "-b", "--http", "--http-socket") or next(
        (word for word in words if re.fullmatch(r"[\d.]+:\d+", word)), ""
    )
    match = re.search(r"(?:^|:)(?:\$\{\w+:-)?(\d{2,5})\}?$", text)
    return int(match.group(1)) if match else None
