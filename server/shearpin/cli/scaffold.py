"""Writes the first version of a rule or an adapter."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from shearpin.cli.exits import RefusedError

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MODULE = re.compile(r"[a-z][a-z0-9_]*")

_RULE = '''"""{summary}.

## What it does
Reports ... and stays silent where ...

## Why it matters
What happens in production, to whom, and when.

## Example
```python bad
import requests


def charge(order_id):
    requests.post("http://payments/charge", json={{"order": order_id}})  # expect: {name}
```
```python fixed
import requests


def charge(order_id):
    requests.post("http://payments/charge", json={{"order": order_id}})
```

## It is fine when ...
```python good
import requests


def charge(order_id):
    requests.post("http://payments/charge", json={{"order": order_id}})
```

## How safe is the fix
Safe, review or template, and why.

## References
- A post-mortem, a manual or a paper.
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import unknown

RULE = Rule(
    name="{name}",
    summary="{summary}",
    severity=Severity.WARNING,
    practice="{pack}",
)


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """Examine one call: ok with the protection, violated with the witness, unknown with what is missing."""
    del ask  # knows what surrounds the call: limits, contexts, handlers, the graph
    yield unknown(call.head, "this rule decides nothing yet", function=call.function)
'''

_ADAPTER = '''"""{title}: what its calls do, in words that know no library.

## A call
```python
import {module}


def fetch():
    return {module}.get("http://stock/items")
```
```facts
5: HttpCall GET http://stock/items timeout=?(unknown) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact

ADAPTER = Adapter("{title}", version="0.0")


@ADAPTER.calls("{module}.get")
def call(resolved: ResolvedCall) -> Iterable[Fact]:
    """Turn a resolved call into facts; state the library's defaults for the version named above."""
    del resolved
    return ()
'''


def write_rule(identity: str, into: Path) -> list[Path]:
    """Write PACK/NAME below the rule package `into` and return the files written.

    Raises:
        RefusedError: the identity is malformed, `into` is no rule package, or the file exists.
    """
    pack, slash, name = identity.partition("/")
    if not slash or not _MODULE.fullmatch(pack) or not _KEBAB.fullmatch(name) or keyword.iskeyword(pack):
        raise RefusedError(f'"{identity}" is no PACK/NAME; write it like retries/unbounded-retry')
    _demand_package(into, "rule")
    module = into / pack / f"{name.replace('-', '_')}.py"
    summary = name.replace("-", " ").capitalize()
    written = [_write(module, _RULE.format(name=name, pack=pack, summary=summary))]
    package = module.with_name("__init__.py")
    if not package.exists():
        written.append(_write(package, f'"""Rules about {pack}."""\n'))
    return written


def write_adapter(name: str, into: Path) -> list[Path]:
    """Write an adapter into the package `into` and return the files written.

    Raises:
        RefusedError: the name is malformed, `into` is no package, or the file exists.
    """
    module = name.lower().replace("-", "_")
    if not _MODULE.fullmatch(module) or keyword.iskeyword(module):
        raise RefusedError(f'"{name}" is no name of a library; write it like httpx or confluent-kafka')
    _demand_package(into, "adapter")
    return [_write(into / f"{module}.py", _ADAPTER.format(title=name, module=module))]


def _demand_package(into: Path, what: str) -> None:
    if not (into / "__init__.py").is_file():
        raise RefusedError(
            f"{into.as_posix()}: no Python package there; run this in a checkout, or give the folder of your own "
            f"{what} package with --into"
        )


def _write(path: Path, text: str) -> Path:
    if path.exists():
        raise RefusedError(f"{path.as_posix()}: exists already; nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
