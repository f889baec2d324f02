"""The real server process over a made-up analysis: `python fake_server.py`.

It stands in for the session so that what is tested is the server alone. A finding is reported where a line of a .py
file says `call NAME` and no file of the folder says `route NAME`; `slow` in a file makes its findings take a while.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
import types

import msgspec

from shearpin.engine.finding import Finding
from shearpin.facts.site import Hop, Site
from shearpin.query.kernel import Cancelled, Database
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import Confidence, FixPlan, Grade, Severity, ok
from shearpin.settings.model import DEFAULTS
from shearpin.text.lines import LineIndex
from shearpin.workspace.workspace import Change

RULE = Rule("unknown-endpoint", "A call that nobody answers", Severity.ERROR, "contracts")


class Report(msgspec.Struct, frozen=True):
    findings: tuple[Finding, ...]


class Navigation:
    """Leads nowhere."""

    def entries(self, path, offset):
        del path, offset
        return ()

    definitions = references = entries


class Outline:
    """Offers nothing and uses nothing."""

    def offers(self, path=None):
        del path
        return ()

    units = uses = clients = offers


class Session:
    outline = Outline()
    settings = DEFAULTS
    navigation = Navigation()

    def __init__(self, root):
        self.root = root
        self.db = Database()
        self.overlays: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.refresh(str(path.relative_to(root)) for path in root.rglob("*.py"))

    @classmethod
    def prepared(cls, root, *, settings=None):
        del settings
        return cls(root)

    def reading(self, first, progress):
        for _ in first:
            yield
        progress(1, 1, "files")

    def set_overlay(self, path, text):
        if text is None:
            self.overlays.pop(path, None)
        else:
            self.overlays[path] = text
        return Change()

    def graph(self):
        pass

    def limits(self, path, offset=None):
        del path, offset
        return ()

    def verdicts(self, path):
        del path
        return ()

    def refresh(self, paths):
        for path in paths:
            try:
                self.files[path] = (self.root / path).read_bytes()
            except OSError:
                self.files.pop(path, None)

    def python_files(self):
        return tuple(self.texts())

    def source(self, path):
        return self.overlays.get(path, self.files.get(path))

    def lines(self, path):
        return LineIndex(self.source(path) or b"")

    def locate(self, site):
        return site.start, site.end

    def texts(self):
        return {**self.files, **self.overlays}

    def findings(self, path):
        text = self.source(path) or b""
        if b"noisy" in text:
            sys.stdout.write("a library speaks to the user\n")
            sys.stdout.flush()
        if b"boom" in text:
            raise RuntimeError("a bug")
        if b"slow" in text:
            for _ in range(100):
                if self.db.cancel.is_set():
                    raise Cancelled
                time.sleep(0.01)
        routes = {name for other in self.texts().values() for name in re.findall(rb"route (\w+)", other)}
        found = []
        for call in re.finditer(rb"call (\w+)", text):
            if call[1] not in routes:
                site = Site(path, "", *call.span(1))
                name = call[1].decode()
                fixes = (FixPlan("Name the route that exists", Grade.SAFE, ()),) if len(routes) == 1 else ()
                related = (Hop(Site(path, "", 0, 1), "the file starts here"),)
                fingerprint = f"{path}:{name}"
                found.append(
                    Finding(
                        RULE.name,
                        "contracts",
                        Severity.ERROR,
                        Confidence.CERTAIN,
                        site,
                        f"nobody answers {name}",
                        (),
                        "",
                        fingerprint,
                        related,
                        fixes,
                    )
                )
        return tuple(found)

    pending = 0
    is_partial = False

    def local_findings(self, path):
        return self.findings(path)

    def report(self, paths=None):
        del paths
        return Report(tuple(finding for path in sorted(self.texts()) for finding in self.findings(path)))

    def verdicts_at(self, path, offset):
        lines = self.lines(path)
        line = lines.line_at(offset)
        text = lines.text[lines.start(line) : lines.end(line)]
        if b"call" not in text:
            return ()
        return ((RULE, ok(Site(path, "", offset, offset), "5 s, httpx default", subject="timeout")),)

    def edits(self, finding, plan):
        del plan
        route = next(name for text in self.texts().values() for name in re.findall(rb"route (\w+)", text))
        text = self.source(finding.site.path) or b""
        digest = hashlib.sha256(text).hexdigest()
        return (FileEdit(finding.site.path, finding.site.start, finding.site.end, route.decode(), digest),)

    def close(self):
        (self.root / "closed").write_text("yes")


if __name__ == "__main__":
    fake = types.ModuleType("shearpin.session")
    fake.Session = Session
    sys.modules["shearpin.session"] = fake
    from shearpin.lsp.server import start

    sys.exit(start())
