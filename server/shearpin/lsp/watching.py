"""Which files count by their name, which ones the client is asked to watch, and which of its events matter."""

from __future__ import annotations

from lsprotocol.types import FileChangeType, FileSystemWatcher, WatchKind

from shearpin.settings.reading import FILES as SETTINGS_FILES
from shearpin.workspace.discovery import kind_of
from shearpin.workspace.ignoring import PRUNED, RULE_FILES

#: the server decides by path what counts; these keep the client from reporting everything
PATTERNS = (
    "**/*.{py,yaml,yml,toml,txt,in,proto,json,sql,lock}",
    "**/{.env,.env.*,*.env}",
    "**/{Dockerfile,Dockerfile.*,*.Dockerfile,Containerfile,Procfile,Procfile.*,Pipfile,setup.cfg}",
    "**/{Tiltfile,Tiltfile.*,*.tiltfile}",
    "**/{nginx*,*.conf,*.conf.*,*.nginx,*.nginx.*,*.vhost,*.vhost.*}",
    "**/{.gitignore,pyvenv.cfg}",
    "**/{go.mod,pom.xml,build.gradle,build.gradle.kts,Cargo.toml,composer.json,Gemfile,mix.exs,build.sbt}",
    "**/*.{csproj,fsproj}",
)


def watchers() -> list[FileSystemWatcher]:
    """What to register: deletions of everything, as some clients tell of a folder that goes away its own name only."""
    return [*map(FileSystemWatcher, PATTERNS), FileSystemWatcher("**/*", WatchKind.Delete)]


def counts(path: str) -> bool:
    """Whether the analysis looks at files of that name at all."""
    return bool(kind_of(path)) or path in SETTINGS_FILES or path.rpartition("/")[2] in RULE_FILES


def matters(path: str, change: FileChangeType) -> bool:
    """Whether an event can mean anything: a file that counts, or perhaps a folder that came or went."""
    if any(part in PRUNED for part in path.split("/")):
        return False
    if counts(path) or change is FileChangeType.Deleted:
        return True
    return change is FileChangeType.Created and "." not in path.rpartition("/")[2]
