"""Fixes as text: arguments, statements, imports; the layout and everything else of the file stay as they were."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shearpin.facts.site import Site
from shearpin.rulekit.edits import build_edits
from shearpin.rulekit.verdict import Action, FixPlan, Grade
from shearpin.syntax.ir import ModuleSummary, Part
from shearpin.syntax.python import summarise
from shearpin.text.edits import Edit, apply


class Texts:
    """A source port on a dict."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.summaries = {path: summarise(text) for path, text in files.items() if path.endswith(".py")}

    def text(self, path: str) -> bytes | None:
        return self.files.get(path)

    def summary(self, path: str) -> ModuleSummary | None:
        return self.summaries.get(path)

    def part(self, path: str, part_id: str) -> Part | None:
        return next((part for part in self.summaries[path].parts if part.id == part_id), None)

    def locate(self, site: Site) -> tuple[int, int]:
        start = next(place.start for place in self.summaries[site.path].placements if place.id == site.part)
        return start + site.start, start + site.end

    def dependency_files(self, path: str) -> tuple[str, ...]:
        return tuple(sorted(file for file in self.files if not file.endswith(".py") and path))

    def site(self, marked: str, path: str = "app.py") -> Site:
        """The site of some text, in the innermost part that holds it."""
        start = self.files[path].index(marked.encode())
        end = start + len(marked.encode())
        places = [place for place in self.summaries[path].placements if place.start <= start and end <= place.end]
        place = max(places, key=lambda found: found.start)
        return Site(path, place.id, start - place.start, end - place.start)


def fixed(text: str, kind: str, marked: str, new: str, *imports: str, dependency: str = "", **others: str) -> str:
    files = {
        "app.py": dedent(text).encode(),
        **{path.replace("_", "."): body.encode() for path, body in others.items()},
    }
    source = Texts(files)
    plan = FixPlan("fix", Grade.SAFE, (Action(kind, source.site(marked), new, imports),), dependency)
    edits = build_edits(plan, source, {"connect": "3.05", "read": "10"})
    result = {
        path: apply(body, [Edit(e.start, e.end, e.new_text.encode()) for e in edits if e.path == path])
        for path, body in files.items()
    }
    return "\n---\n".join(body.decode() for body in result.values())


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("f()", "f(t=1)"),
        ("f(a)", "f(a, t=1)"),
        ("f(a,)", "f(a, t=1,)"),
        ("f(a, t=None)", "f(a, t=1)"),
        ("f(a, t = None, b=2)", "f(a, t=1, b=2)"),
        ("f(a, **kw)", "f(a, t=1, **kw)"),
        ("f((a))", "f((a), t=1)"),
        ("f(a # why\n)", "f(a, # why\n    t=1\n)".replace("\n    t", "\nt")),
        ("f(\n    a\n)", "f(\n    a,\n    t=1\n)"),
        ("f(\n    a,\n)", "f(\n    a,\n    t=1,\n)"),
        ("f(\n    a,  # one\n    b,  # two, (\n)", "f(\n    a,  # one\n    b,  # two, (\n    t=1,\n)"),
        ("f(\n    a,\n    **kw,\n)", "f(\n    a,\n    t=1,\n    **kw,\n)"),
        ("f(\n    a,\n    b={\n        1: 2,\n    },\n)", "f(\n    a,\n    b={\n        1: 2,\n    },\n    t=1,\n)"),
        ("f(a,\n  b)", "f(a,\n  b, t=1)"),
        ('f(a, ")")', 'f(a, ")", t=1)'),
        ("f(*a)", "f(*a, t=1)"),
        ("f(x for x in y)", "f(x for x in y)"),
    ],
)
def test_argument(call: str, after: str):
    marked = call[1:]
    assert fixed(f"import x\n{call}\n", "argument", marked, "t=1") == f"import x\n{after}\n"


def test_argument_by_the_whole_call():
    assert fixed("r = a.f(b)\n", "argument", "a.f(b)", "t=1") == "r = a.f(b, t=1)\n"


def test_seconds_of_the_settings():
    assert fixed("f()\n", "argument", "()", "t=({connect}, {read})") == "f(t=(3.05, 10))\n"


def test_a_dict_in_the_text_is_no_hole():
    assert fixed("f()\n", "argument", "()", 'h={"a": {b}}') == 'f(h={"a": {b}})\n'


@pytest.mark.parametrize(
    ("text", "marked", "after"),
    [
        ("@retry\ndef f(): ...\n", "retry", "@retry(stop=1)\ndef f(): ...\n"),
        ("@retry()\ndef f(): ...\n", "retry()", "@retry(stop=1)\ndef f(): ...\n"),
        ("@t.retry(a=1)\ndef f(): ...\n", "t.retry(a=1)", "@t.retry(a=1, stop=1)\ndef f(): ...\n"),
    ],
)
def test_decorator(text: str, marked: str, after: str):
    assert fixed(text, "decorator-argument", marked, "stop=1") == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("def f():\n\tr = g()\n\treturn r\n", "def f():\n\tr = g()\n\tr.check()\n\treturn r\n"),
        ("r = g()  # why\n", "r = g()  # why\nr.check()\n"),
        ("r = g()", "r = g()\nr.check()"),
        ("r = g(\n    )\nx = 1\n", None),
        ("def f():\n    return g()\n", None),
        ("if g(): pass\n", None),
        ("if x: r = g()\n", None),
        ("r = g(); x = 1\n", None),
        ("with g() as r:\n    use(r)\n", "with g() as r:\n    r.check()\n    use(r)\n"),
        ("try:\n  r = g()\nexcept E:\n  pass\n", "try:\n  r = g()\n  r.check()\nexcept E:\n  pass\n"),
        ("def f():\r\n    r = g()\r\n", "def f():\r\n    r = g()\r\n    r.check()\r\n"),
    ],
)
def test_statement_after(text: str, after: str | None):
    marked = "g(\n    )" if "g(\n" in text else "g()"
    wanted = text.replace("    )\n", "    )\nr.check()\n") if after is None and "g(\n" in text else after
    assert fixed(text, "statement-after", marked, "r.check()") == (text if wanted is None else wanted)


def test_statement_before_with_several_lines():
    text = "def f():\n    g()\n"
    assert fixed(text, "statement-before", "g()", "if x:\n    h()") == "def f():\n    if x:\n        h()\n    g()\n"


@pytest.mark.parametrize(
    ("text", "marked", "after"),
    [
        ("def f():\n    g(1)\n", "g(1)", "def f():\n    r = g(1)\n"),
        ("async def f():\n    await g(1)\n", "g(1)", "async def f():\n    r = await g(1)\n"),
        ("def f():\n    h(g(1))\n", "g(1)", "def f():\n    h(g(1))\n"),
    ],
)
def test_name_result(text: str, marked: str, after: str):
    assert fixed(text, "name-result", marked, "r") == after


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    r = a()\n    g()\n    return r\n",
        "def f(r):\n    g()\n    print(r)\n",
        "def f(xs):\n    for r in xs:\n        print(r)\n        g()\n",
        "def f():\n    g()\n    return lambda: r\n",
    ],
)
def test_a_name_that_is_read_later_is_not_taken(text: str):
    assert fixed(text, "name-result", "g()", "r") == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("async def f():\n    x = g()\n", "async def f():\n    x = await g()\n"),
        ("async def f():\n    x = g().y\n", "async def f():\n    x = (await g()).y\n"),
        ("async def f():\n    x = await g()\n", "async def f():\n    x = await g()\n"),
        ("def f():\n    x = g()\n", "def f():\n    x = g()\n"),
        ("async def f():\n    x = lambda: g()\n", "async def f():\n    x = lambda: g()\n"),
    ],
)
def test_await(text: str, after: str):
    assert fixed(text, "await", "g()", "") == after


def test_a_statement_of_the_module():
    text = "import asyncio\n\n\n# About C.\nclass C:\n    def f(self):\n        g()\n"
    after = "import asyncio\n\n\n_tasks = set()\n\n\n# About C.\nclass C:\n    def f(self):\n        g()\n"
    assert fixed(text, "module-statement-before", "g()", "_tasks = set()") == after
    assert fixed(after, "module-statement-before", "g()", "_tasks = set()") == after


def test_nothing_stands_in_front_of_await():
    source = Texts({"app.py": b"async def f():\n    g(1)\n"})
    site = source.site("g(1)")
    actions = (Action("call-through", source.site("(1)"), "asyncio.to_thread", ("asyncio.",)), Action("await", site))
    edits = build_edits(FixPlan("fix", Grade.SAFE, actions), source, {})
    after = apply(source.files["app.py"], [Edit(e.start, e.end, e.new_text.encode()) for e in edits])
    assert after == b"import asyncio\n\nasync def f():\n    await asyncio.to_thread(g, 1)\n"


# ------------------------------------------------------------------- imports


@pytest.mark.parametrize(
    ("head", "after", "callee"),
    [
        ("", "import asyncio\n\n", "asyncio.sleep"),
        ('"""Doc."""\n\n', '"""Doc."""\n\nimport asyncio\n\n', "asyncio.sleep"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport asyncio\n\n', "asyncio.sleep"),
        ("#!/usr/bin/python\n# -*- x -*-\n", "#!/usr/bin/python\n# -*- x -*-\n\nimport asyncio\n\n", "asyncio.sleep"),
        (
            "from __future__ import annotations\n\n",
            "from __future__ import annotations\n\nimport asyncio\n\n",
            "asyncio.sleep",
        ),
        ("import os\n\n", "import asyncio\nimport os\n\n", "asyncio.sleep"),
        ("import abc\nfrom os import path\n\n", "import abc\nimport asyncio\nfrom os import path\n\n", "asyncio.sleep"),
        ("import abc  # why\n", "import abc  # why\nimport asyncio\n", "asyncio.sleep"),
        ("import httpx\n\n", "import asyncio\n\nimport httpx\n\n", "asyncio.sleep"),
        ("import asyncio\n", "import asyncio\n", "asyncio.sleep"),
        ("import asyncio as aio\n", "import asyncio as aio\n", "aio.sleep"),
        ("def f():\n    import asyncio\n", "import asyncio\n\ndef f():\n    import asyncio\n", "asyncio.sleep"),
        ("import os\r\n\r\n", "import asyncio\r\nimport os\r\n\r\n", "asyncio.sleep"),
        ("asyncio = 1\n", "asyncio = 1\n", None),
    ],
)
def test_a_module(head: str, after: str, callee: str | None):
    result = fixed(f"{head}time.sleep(1)\n", "replace", "time.sleep", "asyncio.sleep", "asyncio.")
    assert result == after + (f"{callee}(1)\n" if callee else "time.sleep(1)\n")


@pytest.mark.parametrize(
    ("head", "after", "name"),
    [
        ("import os\n", "import os\n\nfrom tenacity import stop\n", "stop"),
        ("import os\n\nimport httpx\n", "import os\n\nimport httpx\nfrom tenacity import stop\n", "stop"),
        ("import os\n\nfrom . import x\n", "import os\n\nfrom tenacity import stop\n\nfrom . import x\n", "stop"),
        ("from tenacity import retry\n", "from tenacity import retry, stop\n", "stop"),
        ("from tenacity import a, wait\n", "from tenacity import a, stop, wait\n", "stop"),
        (
            "from tenacity import (\n    a,\n    wait,\n)\n",
            "from tenacity import (\n    a,\n    stop,\n    wait,\n)\n",
            "stop",
        ),
        ("from tenacity import (\n    retry,\n)\n", "from tenacity import (\n    retry,\n    stop,\n)\n", "stop"),
        ("from tenacity import stop as halt\n", "from tenacity import stop as halt\n", "halt"),
        ("import tenacity\n", "import tenacity\n", "tenacity.stop"),
        ("import tenacity as t\n", "import tenacity as t\n", "t.stop"),
        ("stop = 1\n", "import tenacity\n\nstop = 1\n", "tenacity.stop"),
    ],
)
def test_a_name(head: str, after: str, name: str):
    result = fixed(f"{head}f()\n", "argument", "()", "stop=stop(3)", "tenacity.stop")
    assert result == f"{after}f(stop={name}(3))\n"


def test_braces_around_a_name():
    text = "import asyncio as aio\nf()\n"
    assert fixed(text, "argument", "()", "s={asyncio.sleep}", "asyncio.") == "import asyncio as aio\nf(s=aio.sleep)\n"


def test_a_local_variable_hides_the_module():
    text = "def f(asyncio):\n    g()\n"
    assert fixed(text, "replace", "g", "asyncio.sleep", "asyncio.") == text


def test_what_would_not_parse_is_not_written():
    assert fixed("x = 1\n", "replace", "1", "(") == "x = 1\n"


# -------------------------------------------------------------- dependencies


def test_a_missing_dependency_is_declared():
    result = fixed("f()\n", "argument", "()", "t=1", dependency="tenacity", requirements_txt="httpx==1")
    assert result == "f(t=1)\n\n---\nhttpx==1\ntenacity\n"


def test_a_declared_dependency_stays():
    result = fixed("f()\n", "argument", "()", "t=1", dependency="tenacity", requirements_txt="Tenacity>=8\n")
    assert result == "f(t=1)\n\n---\nTenacity>=8\n"


def test_a_dependency_in_a_project_file():
    project = '[project]\ndependencies = [\n  "httpx",\n]\n'
    result = fixed("f()\n", "argument", "()", "t=1", dependency="tenacity", pyproject_toml=project)
    assert result.endswith('dependencies = [\n  "httpx",\n  "tenacity",\n]\n')


def test_requirements_with_hashes_are_left_alone():
    hashed = "httpx==1 --hash=sha256:00\n"
    result = fixed("f()\n", "argument", "()", "t=1", dependency="tenacity", requirements_txt=hashed)
    assert result.endswith(hashed)
