"""Templates of AWS SAM and CloudFormation: the functions of a template are one service, which is deployed as a whole.

Values are plain text, defaults of parameters, and names of queues, tables and the like that the template itself makes;
what other stacks, secrets or the account give is not known.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from shearpin.facts.manifest import EnvEntry, ManifestFacts, Workload
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, read_yaml

_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
#: kinds of resources that code knows by name, and the property that gives it
_NAMED = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Serverless::SimpleTable": "TableName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Events::EventBus": "Name",
}


class _Template:
    def __init__(self, path: str, source: bytes, document: YamlNode) -> None:
        self.path = path
        self._source = source
        self._document = document
        self.resources = dict(_entries(_walk(document, "Resources")))

    def functions(self) -> list[YamlNode]:
        """The functions whose code stands in the workspace."""
        return [found for found in self.resources.values() if self._type(found) in _FUNCTIONS and self.code(found)]

    def code(self, function: YamlNode) -> str | None:
        """The folder of a function's code; None when it is given inline, as an image or in a bucket."""
        given = _walk(function, "Properties", "CodeUri") or _walk(self._document, "Globals", "Function", "CodeUri")
        text = self._plain(given) if given is not None else None
        if text is None and self._type(function) == _FUNCTIONS[0] and given is None:
            text = "." if _walk(function, "Properties", "Handler") is not None else None
        if text is None or "://" in text:
            return None
        folder = join(folder_of(self.path), text)
        return None if folder == ".." or folder.startswith(("../", "/")) else folder or "."

    def variables(self, function: YamlNode) -> Iterator[EnvEntry]:
        """The environment of a function, that of all functions first."""
        for place in (
            _walk(self._document, "Globals", "Function", "Environment", "Variables"),
            _walk(function, "Properties", "Environment", "Variables"),
        ):
            for name, node in _entries(place):
                yield EnvEntry(name, self._value(node), Site(self.path, "", node.start, node.end))

    def _value(self, node: YamlNode) -> str | None:
        text = self._plain(node)
        if text is not None:
            return text
        reference = self._reference(node)
        if reference in self.resources:
            made = self.resources[reference]
            key = _NAMED.get(self._type(made))
            named = None if key is None else self._plain(_walk(made, "Properties", key))
            return None if key is None else named or reference
        return self._plain(_walk(self._document, "Parameters", reference, "Default")) if reference else None

    def _reference(self, node: YamlNode) -> str:
        """What `!Ref Orders`, `!GetAtt Orders.Arn` and their long forms name."""
        if isinstance(node, YamlMapping):
            inner = node.get("Ref") or node.get("Fn::GetAtt")
            return inner.value.partition(".")[0] if isinstance(inner, YamlScalar) else ""
        tag = self._tag(node)
        if isinstance(node, YamlScalar) and tag in {"!Ref", "!GetAtt"}:
            return node.value.partition(".")[0]
        return ""

    def _plain(self, node: YamlNode | None) -> str | None:
        return node.value if isinstance(node, YamlScalar) and not self._tag(node) and not node.is_null else None

    def _tag(self, node: YamlNode) -> str:
        line = self._source.rfind(b"\n", 0, node.start) + 1
        words = self._source[line : node.end].decode("utf-8", "replace").split()
        return next((word for word in words if word.startswith("!")), "")

    def _type(self, resource: YamlNode) -> str:
        return self._plain(_walk(resource, "Type")) or ""


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    workloads = [found for document in read_yaml(source).documents if (found := _service(path, source, document))]
    return ManifestFacts("sam", path, tuple(workloads)) if workloads else ManifestFacts("", path)


def _service(path: str, source: bytes, document: YamlNode) -> Workload | None:
    template = _Template(path, source, document)
    functions = template.functions()
    if not functions:
        return None
    folder = folder_of(path)
    codes = dict.fromkeys(code for function in functions if (code := template.code(function)))
    variables: dict[str, EnvEntry] = {}
    for entry in (entry for function in functions for entry in template.variables(function)):
        known = variables.setdefault(entry.name, entry)
        # Functions of one template may have different values under one name: then none is that of the service.
        if known.value != entry.value:
            variables[entry.name] = EnvEntry(entry.name, None, entry.site)
    return Workload(
        kind="function",
        name=posixpath.basename(folder) or "app",
        site=Site(path, "", functions[0].start, functions[0].end),
        deployment=path,
        build=folder,
        working_dir="/var/task",
        env=tuple(variables.values()),
        mounts=tuple((join("", code), "/var/task") for code in codes),
    )


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _entries(node: YamlNode | None) -> Iterator[tuple[str, YamlNode]]:
    for name, value in node.entries if isinstance(node, YamlMapping) else ():
        yield name.value, value


READER = Reader(
    "sam",
    lambda path: path.endswith((".yml", ".yaml")),
    _read,
    lambda _path, source: any(kind.encode() in source for kind in _FUNCTIONS),
    rank=2,
)
