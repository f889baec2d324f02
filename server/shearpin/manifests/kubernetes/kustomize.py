"""What a kustomization makes: resources, components and generators with patches, names and images applied in order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from shearpin.facts.manifest import Problem
from shearpin.manifests import Files, folder_of, join
from shearpin.manifests.kubernetes.generators import generated
from shearpin.manifests.kubernetes.objects import Places, documents_of, mappings, texts, walk
from shearpin.manifests.kubernetes.patches import merged, operated, with_value
from shearpin.manifests.kubernetes.workload import template_keys
from shearpin.syntax.yaml import YamlFile, YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_REMOTE = re.compile(r"://|^git@|^github\.com/|\?ref=")
_MAX_FILES = 500
_MAX_DEPTH = 16
_MAX_BYTES = 4_000_000
_SELECTED = ("kind", "name", "namespace")


@dataclass(slots=True)
class Object:
    """One object. `names` are those that it had from layer to layer, the first one first."""

    body: YamlMapping
    names: list[str]

    @property
    def kind(self) -> str:
        """Its kind."""
        return _text(self.body.get("kind"))


@dataclass(slots=True)
class Rendering:
    """A kustomization while it is put together. `covers` are the files that it is made of."""

    files: Files
    places: Places = field(default_factory=Places)
    covers: dict[str, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_component: bool = False
    count: int = 0
    open_folders: list[str] = field(default_factory=list)

    def render(self, path: str, source: bytes) -> list[Object]:
        """Return all objects of the kustomization at a path."""
        objects: list[Object] = []
        self._add_layer(path, source, objects)
        return objects

    # ------------------------------------------------------------- layers

    def _add_layer(self, path: str, source: bytes, objects: list[Object]) -> None:
        """Add what one kustomization makes; as a component it changes what is there."""
        folder = folder_of(path)
        is_outermost = not self.open_folders
        self.open_folders.append(folder)
        for document in self._read(path, source).documents:
            if isinstance(document, YamlMapping) and is_kustomization(document):
                is_component = _text(document.get("kind")) == "Component"
                self.is_component = self.is_component or (is_outermost and is_component)
                own: list[Object] = objects if is_component else []
                self._apply(document, folder, own)
                objects += [] if is_component else own
        self.open_folders.pop()

    def _apply(self, document: YamlMapping, folder: str, objects: list[Object]) -> None:
        for key in ("resources", "bases", "components"):
            for entry in texts(document.get(key)):
                self._include(entry, folder, objects)
        for body, behaviour in generated(document, folder, self.files, self.places):
            _generate(objects, body, behaviour)
        for key in ("patchesStrategicMerge", "patches", "patchesJson6902"):
            for patch in self._patches(document.get(key), folder):
                patch.apply(objects)
        for found in objects:
            _rename(found, _text(document.get("namePrefix")), _text(document.get("nameSuffix")))
        for item in mappings(document.get("replicas")):
            for found in objects:
                count = item.get("count")
                if _text(item.get("name")) in found.names and count is not None:
                    found.body = with_value(found.body, ("spec", "replicas"), count)
        images = list(mappings(document.get("images")))
        for found in objects if images else ():
            found.body = _with_images(found.body, images)

    def _include(self, entry: YamlScalar, folder: str, objects: list[Object]) -> None:
        if _REMOTE.search(entry.value):
            return
        target = join(folder, entry.value)
        names = [posixpath.join(target, name) for name in FILE_NAMES]
        is_file = target.endswith((".yaml", ".yml", ".json"))
        for candidate in (target, *names) if is_file else (*names, target):
            content = self.files.read(candidate)
            if content is None:
                continue
            if not self._may_read(candidate, entry):
                return
            if posixpath.basename(candidate) in FILE_NAMES and candidate != target:
                self._add_layer(candidate, content, objects)
            else:
                found = self._read(candidate, content)
                objects += [Object(body, [_name(body)]) for body in documents_of(found.documents)]
            return

    def _may_read(self, candidate: str, entry: YamlScalar) -> bool:
        message = ""
        if folder_of(candidate) in self.open_folders and posixpath.basename(candidate) in FILE_NAMES:
            message = f"{entry.value} includes itself"
        elif len(self.open_folders) > _MAX_DEPTH or self.count > _MAX_FILES or self.places.size > _MAX_BYTES:
            message = "too many files are put together here; the rest is left out"
        if message and not any(known.message == message for known in self.problems):
            self.problems.append(Problem(self.places.site(entry.start, entry.end), message))
        return not message

    def _read(self, path: str, content: bytes) -> YamlFile:
        self.covers[path] = None
        self.count += 1
        base = self.places.add(path, content)
        return read_yaml(content, base)

    # ------------------------------------------------------------ patches

    def _patches(self, node: YamlNode | None, folder: str) -> Iterator[_Patch]:
        for item in node.items if isinstance(node, YamlSequence) else ():
            if isinstance(item, YamlScalar):
                yield from (_Patch(None, content) for content in self._patch_contents(item, folder))
            elif isinstance(item, YamlMapping):
                target = item.get("target")
                given = item.get("patch") or item.get("path")
                is_inline = item.get("patch") is not None
                for content in self._patch_contents(given, folder, is_inline=is_inline):
                    yield _Patch(target if isinstance(target, YamlMapping) else None, content)

    def _patch_contents(self, node: YamlNode | None, folder: str, *, is_inline: bool = False) -> tuple[YamlNode, ...]:
        if not isinstance(node, YamlScalar):
            return ()
        content = None if is_inline or "\n" in node.value else self.files.read(join(folder, node.value))
        if content is not None:
            return self._read(join(folder, node.value), content).documents
        inline = read_yaml(node.value.encode()).documents
        # Where a line of the block stands in the file is not kept: all of it stands where the block does.
        try:
            return tuple(_placed(found, node, {}) for found in inline if not isinstance(found, YamlScalar))
        except RecursionError:  # aliases nest deeper than any text could
            return ()


@dataclass(frozen=True, slots=True)
class _Patch:
    """A patch and what it is for: `target`, else the object that it names itself."""

    target: YamlMapping | None
    content: YamlNode

    def apply(self, objects: list[Object]) -> None:
        """Change the objects that are meant."""
        for found in list(objects):
            if not self._means(found):
                continue
            if isinstance(self.content, YamlSequence):
                found.body = operated(found.body, self.content)
            elif isinstance(self.content, YamlMapping):
                body = merged(found.body, self.content)
                if body is None:
                    objects.remove(found)
                else:
                    name = walk(found.body, "metadata", "name")
                    found.body = body if name is None else with_value(body, ("metadata", "name"), name)

    def _means(self, found: Object) -> bool:
        if self.target is None:
            content = self.content
            if not isinstance(content, YamlMapping):
                return False
            return _text(content.get("kind")) == found.kind and _name(content) in found.names
        kind, name, _ = (_text(self.target.get(key)) for key in _SELECTED)
        return (
            _fits(kind, [found.kind])
            and _fits(name, found.names)
            and _labelled(_text(self.target.get("labelSelector")), walk(found.body, "metadata", "labels"))
            and _labelled(_text(self.target.get("annotationSelector")), walk(found.body, "metadata", "annotations"))
        )


def is_kustomization(document: YamlMapping) -> bool:
    """Say whether an object is a kustomization; one that a cluster keeps is of another group."""
    version = _text(document.get("apiVersion"))
    return (not version or version.startswith("kustomize.config.k8s.io/")) and document.get("metadata") is None


def _generate(objects: list[Object], body: YamlMapping, behaviour: str) -> None:
    name, kind = _name(body), _text(body.get("kind"))
    known = next((found for found in objects if found.kind == kind and name in found.names), None)
    if known is None or behaviour == "create":
        objects.append(Object(body, [name]))
    elif behaviour == "replace":
        known.body = body
    else:
        known.body = merged(known.body, body) or known.body


def _rename(found: Object, prefix: str, suffix: str) -> None:
    if prefix or suffix:
        found.names.append(f"{prefix}{found.names[-1]}{suffix}")


def _with_images(body: YamlMapping, images: list[YamlMapping]) -> YamlMapping:
    keys = template_keys(_text(body.get("kind")), _text(body.get("apiVersion")))
    if keys is None:
        return body
    place = (*keys, "spec", "containers")
    containers = walk(body, *place)
    for index, container in enumerate(containers.items if isinstance(containers, YamlSequence) else ()):
        image = container.get("image") if isinstance(container, YamlMapping) else None
        if isinstance(image, YamlScalar):
            new = msgspec.structs.replace(image, value=_image(image.value, images))
            body = with_value(body, (*place, str(index), "image"), new) if new != image else body
    return body


def _image(text: str, images: list[YamlMapping]) -> str:
    path, at, digest = text.partition("@")
    head, slash, last = path.rpartition("/")
    name, colon, tag = last.partition(":")
    for item in images:
        if _text(item.get("name")) == f"{head}{slash}{name}":
            new = _text(item.get("newName")) or f"{head}{slash}{name}"
            if given := _text(item.get("digest")):
                return f"{new}@{given}"
            given = _text(item.get("newTag"))
            return f"{new}:{given}" if given else f"{new}{colon}{tag}{at}{digest}"
    return text


def _placed(node: YamlNode, at: YamlScalar, known: dict[int, YamlNode]) -> YamlNode:
    """Put all nodes where one scalar stands; what is shared stays shared."""
    found = known.get(id(node))
    if found is not None:
        return found
    if isinstance(node, YamlScalar):
        found = YamlScalar(node.value, at.start, at.end, node.style)
    elif isinstance(node, YamlSequence):
        found = YamlSequence(tuple(_placed(item, at, known) for item in node.items), at.start, at.end)
    else:
        entries = ((YamlScalar(key.value, at.start, at.end), _placed(value, at, known)) for key, value in node.entries)
        found = YamlMapping(tuple(entries), at.start, at.end)
    known[id(node)] = found
    return found


def _fits(pattern: str, values: list[str]) -> bool:
    """Alternatives of literal text and `.*` are understood; any other expression fits nothing."""
    if not pattern:
        return True
    choices = pattern.removeprefix("^").removesuffix("$").strip("()").split("|")
    allowed = [".*".join(re.escape(piece) for piece in choice.split(".*")) for choice in choices]
    return any(re.fullmatch(choice, value) for choice in allowed for value in values)


def _labelled(selector: str, labels: YamlNode | None) -> bool:
    """Equality alone is understood; any other selector selects nothing."""
    for condition in filter(None, (part.strip() for part in selector.split(","))):
        name, equals, value = condition.partition("=")
        has = _text(labels.get(name.rstrip("! "))) if isinstance(labels, YamlMapping) else ""
        is_same = has == value.lstrip("= ")
        if not equals or is_same == name.endswith("!"):
            return False
    return True


def _name(body: YamlMapping) -> str:
    return _text(walk(body, "metadata", "name"))


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""
