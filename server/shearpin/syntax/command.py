"""Start commands: what a container really runs once shells, start scripts and server configuration are looked through.

A command is a tuple of words; several commands run by one shell are joined by the word ";".
"""

from __future__ import annotations

import configparser
import itertools
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from shearpin.syntax.shell import split_commands

OpenFile: TypeAlias = Callable[[str], bytes | None]

_SHELLS = {"sh", "bash", "ash", "dash", "zsh"}
_SERVERS = {
    "uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "uwsgi", "waitress-serve", "fastapi", "flask", "celery",
    "nameko", "faststream", "arq", "dramatiq", "rq", "huey_consumer", "locust", "supervisord", "sanic", "streamlit",
    "taskiq", "temporal", "litestar", "quart", "faust", "prefect", "dagster", "airflow",
}  # fmt: skip
_INTERPRETERS = re.compile(r"python[0-9.]*$|pypy3?$|node$|java$|php$|ruby$|nginx$|npm$|yarn$|pnpm$|dotnet$")
_RUNNERS = re.compile(
    r"poetry|uv|pipenv|pdm|hatch|rye|opentelemetry-instrument|ddtrace-run|newrelic-admin|dumb-init|tini"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_CONFIGURATION = {"-c", "-nc", "--configuration"}
#: where supervisord looks by itself, and where images put what it includes
_SUPERVISOR_FILES = (
    "supervisord.conf",
    "etc/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisor/conf.d/supervisord.conf",
)
_MAX_DEPTH = 4
_MAX_SCRIPT = 256 * 1024


def expand_command(words: tuple[str, ...], open_file: OpenFile) -> tuple[str, ...]:
    """Replace `sh -c "..."`, `./start.sh` and the like by the commands they run; unknown scripts stay as they are.

    `open_file` gives the bytes of a path as the container sees it, None when it is not known. Never raises.
    """
    return _expand(words, open_file, 0)


def simple_commands(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the single commands of an expanded command, without leading assignments and `exec`."""
    current: list[str] = []
    for word in (*words, ";"):
        if word == ";":
            if current:
                yield tuple(current)
            current = []
        elif current or not (_ASSIGNMENT.match(word) or word in {"exec", "then", "do", "else", "time", "nohup"}):
            current.append(word)


def _expand(words: tuple[str, ...], open_file: OpenFile, depth: int) -> tuple[str, ...]:
    if not words or depth > _MAX_DEPTH:
        return words
    program = posixpath.basename(words[0])
    if program in _SHELLS:
        flag = next((index for index, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), None)
        if flag is not None and flag + 1 < len(words):
            return _expand_text(words[flag + 1], open_file, depth)
        arguments = [word for word in words[1:] if not word.startswith("-")]
        return _expand_script(tuple(arguments), words, open_file, depth) if arguments else words
    if program in {"tini", "dumb-init"}:
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
        return _expand(rest, open_file, depth) if rest else words
    if program == "uwsgi":
        return words + _uwsgi(words, open_file)
    if program == "supervisord":
        return _supervisor(words, open_file, depth)
    if program.endswith(".sh") or (words[0].startswith(("./", "/")) and "." not in program and not _starts(words)):
        return _expand_script(words, words, open_file, depth)
    return words


def _expand_text(text: str, open_file: OpenFile, depth: int) -> tuple[str, ...]:
    result: list[str] = []
    for command in split_commands(text):
        plain = next(simple_commands(command), ())
        if plain:
            result += [*_expand(plain, open_file, depth + 1), ";"]
    return tuple(result[:-1])


def _expand_script(
    script: tuple[str, ...], unknown: tuple[str, ...], open_file: OpenFile, depth: int
) -> tuple[str, ...]:
    content = open_file(script[0])
    if content is None or len(content) > _MAX_SCRIPT or b"\0" in content[:1024]:
        return unknown
    result: list[str] = []
    arguments = script[1:]
    for command in split_commands(content.decode("utf-8", "replace")):
        plain = next(simple_commands(command), ())
        if plain and plain[0] in {"$@", "$*", "${@}"} and arguments:
            expanded = _expand(arguments, open_file, depth + 1)
        elif plain and (_starts(plain) or posixpath.basename(plain[0]) in _SHELLS or plain[0].endswith(".sh")):
            expanded = _expand(plain, open_file, depth + 1)
        else:
            continue
        if expanded not in (tuple(group) for group in _groups(result)):
            result += [*expanded, ";"]
    return tuple(result[:-1]) or unknown


def _groups(words: list[str]) -> Iterator[list[str]]:
    current: list[str] = []
    for word in words:
        if word == ";":
            yield current
            current = []
        else:
            current.append(word)


def _starts(words: tuple[str, ...]) -> bool:
    program = posixpath.basename(words[0])
    return program in _SERVERS or bool(_INTERPRETERS.match(program) or _RUNNERS.fullmatch(program))


def _uwsgi(words: tuple[str, ...], open_file: OpenFile) -> tuple[str, ...]:
    path = next((word for previous, word in itertools.pairwise(words) if previous in {"--ini", "-i"}), None)
    path = path or next((word.removeprefix("--ini=") for word in words if word.startswith("--ini=")), None)
    path = path or next((word for word in words[1:] if word.endswith(".ini")), None)
    section = _ini(path, open_file).get("uwsgi", {}) if path else {}
    result: list[str] = []
    for option in ("module", "wsgi", "wsgi-file", "callable"):
        if value := section.get(option):
            result += ["--module" if option == "wsgi" else f"--{option}", value]
    return tuple(result)


def _supervisor(words: tuple[str, ...], open_file: OpenFile, depth: int) -> tuple[str, ...]:
    told = next((word for previous, word in itertools.pairwise(words) if previous in _CONFIGURATION), None)
    told = told or next((word.partition("=")[2] for word in words if word.startswith("--configuration=")), None)
    sections: dict[str, dict[str, str]] = {}
    for path in (told,) if told else _SUPERVISOR_FILES:
        sections = _ini(path, open_file)
        if sections:
            break
    # Patterns name files that only the image can list.
    for path in sections.get("include", {}).get("files", "").split():
        sections.update({} if "*" in path else _ini(path, open_file))
    result: list[str] = []
    for name, section in sections.items():
        if name.startswith("program:") and (command := section.get("command")):
            result += [*_expand_text(command, open_file, depth), ";"]
    return tuple(result[:-1]) or words


def _ini(path: str, open_file: OpenFile) -> dict[str, dict[str, str]]:
    content = open_file(path)
    if content is None or len(content) > _MAX_SCRIPT:
        return {}
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(content.decode("utf-8", "replace"))
    except configparser.Error:
        return {}
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}
