"""Patches of objects: strategic merges, and lists of operations on paths (RFC 6902). Nodes never change; copies do."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence

#: lists whose items are the same when they agree in one field
_MERGE_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
}
#: API groups of objects whose lists are merged; those of others are replaced
_OWN_GROUPS = re.compile(r"(?:apps|batch|autoscaling|policy|extensions|(?:[a-z-]+\.)+k8s\.io)$")
_DIRECTIVE = "$patch"
_MAX_DEPTH = 64


def merged(base: YamlMapping, patch: YamlMapping) -> YamlMapping | None:
    """Lay a patch over an object of its kind; None when the patch takes the object away."""
    if _text(patch.get(_DIRECTIVE)) == "delete":
        return None
    group, slash, _ = (_text(base.get("apiVersion")) or "").partition("/")
    found = _merged(base, patch, 0, lists=not slash or bool(_OWN_GROUPS.match(group)))
    return found if isinstance(found, YamlMapping) else base


def operated(base: YamlMapping, operations: YamlSequence) -> YamlMapping:
    """Apply operations in order; one that does not fit is left out."""
    root: YamlNode = base
    for item in operations.items:
        if not isinstance(item, YamlMapping):
            continue
        keys = _pointer(_text(item.get("path")))
        found: YamlNode | None
        match _text(item.get("op")):
            case "add":
                found = _set(root, keys, item.get("value"), inserts=True)
            case "replace":
                found = _set(root, keys, item.get("value"), inserts=False)
            case "remove":
                found = _removed(root, keys)
            case "copy" | "move" as operation:
                origin = _pointer(_text(item.get("from")))
                value = _at(root, origin)
                rest = _removed(root, origin) if operation == "move" else root
                found = _set(rest, keys, value, inserts=True) if rest is not None else None
            case _:
                found = root
        root = found if isinstance(found, YamlMapping) else root
    return root if isinstance(root, YamlMapping) else base


def with_value(base: YamlMapping, keys: Sequence[str], value: YamlNode) -> YamlMapping:
    """Return a copy in which the value at nested keys is another one."""
    found = _set(base, tuple(keys), value, inserts=False, creates=True)
    return found if isinstance(found, YamlMapping) else base


def _merged(base: YamlNode, patch: YamlNode, depth: int, *, lists: bool) -> YamlNode:
    if depth > _MAX_DEPTH or not isinstance(base, YamlMapping) or not isinstance(patch, YamlMapping):
        return patch
    if _text(patch.get(_DIRECTIVE)) == "replace":
        return _without(patch, _DIRECTIVE)
    given = {key.value: (key, value) for key, value in patch.entries if not key.value.startswith("$")}
    entries: list[tuple[YamlScalar, YamlNode]] = []
    for key, value in base.entries:
        if key.value not in given:
            entries.append((key, value))
            continue
        _, new = given.pop(key.value)
        if isinstance(new, YamlScalar) and new.is_null:
            continue
        if isinstance(new, YamlMapping) and _text(new.get(_DIRECTIVE)) == "delete":
            continue
        if lists and key.value in _MERGE_KEYS and isinstance(value, YamlSequence) and isinstance(new, YamlSequence):
            entries.append((key, _merged_lists(key.value, value, new, depth + 1)))
        else:
            entries.append((key, _merged(value, new, depth + 1, lists=lists)))
    entries += [(key, new) for key, new in given.values() if not (isinstance(new, YamlScalar) and new.is_null)]
    return msgspec.structs.replace(base, entries=tuple(entries))


def _merged_lists(name: str, base: YamlSequence, patch: YamlSequence, depth: int) -> YamlSequence:
    directives = [_text(item.get(_DIRECTIVE)) for item in patch.items if isinstance(item, YamlMapping)]
    if "replace" in directives:
        rest = [item for item in patch.items if not (isinstance(item, YamlMapping) and item.get(_DIRECTIVE))]
        return msgspec.structs.replace(base, items=tuple(rest))
    items = list(base.items)
    places = {identity: i for i, item in enumerate(items) if (identity := _identity(name, item)) is not None}
    gone: set[int] = set()
    for new in patch.items:
        identity = _identity(name, new)
        place = places.get(identity) if identity is not None else None
        if isinstance(new, YamlMapping) and _text(new.get(_DIRECTIVE)) == "delete":
            gone |= {place} if place is not None else set()
        elif place is None:
            items.append(new)
        else:
            items[place] = _merged(items[place], new, depth, lists=True)
    return msgspec.structs.replace(base, items=tuple(item for i, item in enumerate(items) if i not in gone))


def _identity(name: str, item: YamlNode) -> tuple[str, str] | None:
    for key in _MERGE_KEYS[name]:
        value = _text(item.get(key)) if isinstance(item, YamlMapping) else ""
        if value:
            return key, value
    return None


def _pointer(text: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _at(node: YamlNode | None, keys: Sequence[str]) -> YamlNode | None:
    for key in keys:
        if isinstance(node, YamlSequence):
            index = _index(key, node)
            node = node.items[index] if index is not None and index < len(node.items) else None
        else:
            node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _set(
    node: YamlNode, keys: Sequence[str], value: YamlNode | None, *, inserts: bool, creates: bool = False
) -> YamlNode | None:
    """The node with another value at a path; None when there is no such path."""
    if value is None or not keys or len(keys) > _MAX_DEPTH:
        return None
    key, rest = keys[0], keys[1:]
    if isinstance(node, YamlSequence):
        index = _index(key, node)
        if index is None or index > len(node.items) or (index == len(node.items) and (rest or not inserts)):
            return None
        if not rest and inserts:
            return msgspec.structs.replace(node, items=(*node.items[:index], value, *node.items[index:]))
        new = _set(node.items[index], rest, value, inserts=inserts, creates=creates) if rest else value
        items = (*node.items[:index], new, *node.items[index + 1 :]) if new is not None else None
        return None if items is None else msgspec.structs.replace(node, items=items)
    if not isinstance(node, YamlMapping):
        return None
    old = node.get(key)
    if rest:
        inner = old if old is not None or not creates else YamlMapping((), value.start, value.end)
        new = _set(inner, rest, value, inserts=inserts, creates=creates) if inner is not None else None
    else:
        new = value if inserts or creates or old is not None else None
    if new is None:
        return None
    if old is None:
        return msgspec.structs.replace(node, entries=(*node.entries, (YamlScalar(key, value.start, value.end), new)))
    entries = tuple((name, new if name.value == key else other) for name, other in node.entries)
    return msgspec.structs.replace(node, entries=entries)


def _removed(node: YamlNode, keys: Sequence[str]) -> YamlNode | None:
    if not keys or len(keys) > _MAX_DEPTH:
        return None
    key, rest = keys[0], keys[1:]
    if rest:
        inner = _at(node, (key,))
        new = _removed(inner, rest) if inner is not None else None
        return _set(node, (key,), new, inserts=False) if new is not None else None
    if isinstance(node, YamlSequence):
        index = _index(key, node)
        if index is None or index >= len(node.items):
            return None
        return msgspec.structs.replace(node, items=(*node.items[:index], *node.items[index + 1 :]))
    return _without(node, key) if isinstance(node, YamlMapping) else None


def _without(node: YamlMapping, key: str) -> YamlMapping:
    return msgspec.structs.replace(node, entries=tuple(entry for entry in node.entries if entry[0].value != key))


def _index(key: str, node: YamlSequence) -> int | None:
    if key == "-":
        return len(node.items)
    return int(key) if key.isascii() and key.isdecimal() and len(key) < 7 else None


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""
