"""What a call depends on. Calls of one letter are followed; `a` raises on failure in its method `check`."""

from __future__ import annotations

import pytest

from shearpin.flow.dataflow import dependences
from shearpin.syntax import ir
from shearpin.syntax.python import summarise
from shearpin.syntax.walk import walk


def followed(code: str) -> dict[str, tuple[str, str]]:
    """Name of a call -> names of the calls that it uses, and that guard it."""
    parts = summarise(f"async def work():\n{indented(code)}".encode()).parts
    body = tuple(stmt for part in parts for stmt in part.body)
    function = next(stmt for stmt in body if isinstance(stmt, ir.FunctionDef))
    names = {
        node.span: node.func.id
        for stmt in function.body
        for node in walk(stmt)
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and len(node.func.id) == 1
    }
    found = dependences(function.body, {span: ("check",) if name == "a" else () for span, name in names.items()})
    return {
        names[span]: (
            "".join(sorted(names[use] for use in item.uses)),
            "".join(sorted(names[guard] for guard in item.guards)),
        )
        for span, item in found.items()
    }


def indented(code: str) -> str:
    return "".join(f"    {row}\n" for row in code.splitlines())


USES = [
    ("x = a()\nb(x)", "a"),
    ("a()\nb(1)", ""),
    ("b(a())", "a"),
    ("x = await a()\nb(key=x.id)", "a"),
    ("x = a()\ny = x['id'] + 1\nb(f'/things/{y}')", "a"),
    ("x = a()\nx = 1\nb(x)", ""),
    ("x, y = a(), c()\nb(y)", "c"),
    ("x, y = await gather(a(), c())\nb(x)", "a"),
    ("x, y = a()\nb(y)", "a"),
    ("x, *y = await gather(*[a()])\nb(y)", "a"),
    ("order = Order()\norder.total = a()\nb(order.total)", "a"),
    ("order = Order()\norder.total = a()\nb(order)", "a"),
    ("order = Order()\norder.total = a()\nb(order.name)", "a"),
    ("order = a()\norder.total = 1\nb(order.total)", ""),
    ("order = a()\norder.total = 1\norder = load()\nb(order.total)", ""),
    ("setattr(order, 'total', a())\nb(order)", "a"),
    ("self.total = a()\nb(self.total)", "a"),
    ("self.total = a()\nb(self.name)", ""),
    ("found = []\nfound.append(a())\nb(found)", "a"),
    ("found = {}\nfound['x'] = a()\nb(found)", "a"),
    ("for item in a():\n    b(item)", "a"),
    ("x = 0\nfor i in range(3):\n    b(x)\n    x = a()", "a"),
    ("x = 0\nwhile True:\n    b(x)\n    x = a()", "a"),
    ("if y:\n    x = a()\nelse:\n    x = c()\nb(x)", "ac"),
    ("if y:\n    x = a()\n    return\nelse:\n    x = c()\nb(x)", "c"),
    ("if y:\n    x = a()\nelse:\n    raise E\nb(x)", "a"),
    ("try:\n    x = a()\nexcept E:\n    x = c()\nb(x)", "ac"),
    ("try:\n    x = a()\nexcept E:\n    raise\nb(x)", "a"),
    ("with a() as x:\n    b(x)", "a"),
    ("x = a() or c()\nb(x)", "ac"),
    ("x = a() if y else c()\nb(x)", "ac"),
    ("b([item.id for item in a()])", "a"),
    ("item = a()\n[item for item in c()]\nb(item)", "a"),
    ("if (x := a()):\n    b(x)", "a"),
    ("x = a()\nb(lambda: x)", ""),
    ("total = 0\ntotal += a()\nb(total)", "a"),
    ("match a():\n    case {'id': number}:\n        b(number)", "a"),
    ("client = a()\nclient.send(1)\nb(2)", ""),
]

GUARDS = [
    ("if a():\n    b()", "a"),
    ("if a():\n    pass\nb()", ""),
    ("x = a()\nif not x.ok:\n    return\nb()", "a"),
    ("if a():\n    c()\nelse:\n    raise E\nb()", "a"),
    ("if y:\n    if a():\n        return\nb()", ""),
    ("x = a()\nx.check()\nb()", "a"),
    ("x = a()\nx.other()\nb()", ""),
    ("x = c()\nx.check()\nb()", ""),
    ("assert a()\nb()", "a"),
    ("while a():\n    b()", "a"),
    ("a() and b()", "a"),
    ("b() if a() else 1", "a"),
    ("match a():\n    case 1:\n        b()", "a"),
    ("[b(x) for x in y if a()]", "a"),
    ("with lock:\n    a().check()\n    b()", "a"),
    ("try:\n    a().check()\nexcept E:\n    pass\nb()", ""),
]


@pytest.mark.parametrize(("code", "expected"), USES)
def test_uses(code, expected):
    assert followed(code)["b"][0] == expected


@pytest.mark.parametrize(("code", "expected"), GUARDS)
def test_guards(code, expected):
    assert followed(code)["b"][1] == expected


def test_nested_functions_are_left_out():
    assert followed("x = a()\ndef inner():\n    b(x)")["b"] == ("", "")
