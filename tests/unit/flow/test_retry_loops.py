"""Hand-written loops that try again: how often and how long they wait."""

from __future__ import annotations

from textwrap import indent

import pytest

from shearpin.facts.derived import RetryLoop

from ..meaning.notation import opened, source
from .probing import derived_in

HEAD = "import httpx, itertools, random, requests, time\nURL = 'http://a'\ndef call(): return requests.get(URL)\n"
CALL = "try:\n        return requests.get(URL)\n    except requests.RequestException:\n        "
LOOPS = [
    # no limit
    (f"while True:\n    {CALL}pass", "none none"),
    (f"while True:\n    {CALL}continue", "none none"),
    (f"while True:\n    {CALL}time.sleep(5)", "none fixed 5.0"),
    (f"while 1:\n    {CALL}time.sleep(0.5)", "none fixed 0.5"),
    (f"for n in itertools.count():\n    {CALL}pass", "none none"),
    ("while True:\n    try:\n        requests.get(URL)\n        break\n    except Exception:\n        pass",
     "none none"),
    ("while True:\n    try:\n        call()\n        break\n    except Exception:\n        pass",
     "none none via call()"),
    ("while True:\n    try:\n        requests.get(URL)\n    except Exception:\n        pass\n    else:\n        break",
     "none none"),
    ("while True:\n    try:\n        requests.get(URL)\n    except Exception:\n        continue\n    break",
     "none none"),
    (("done = False\nwhile not done:\n    try:\n        requests.get(URL)\n        done = True\n    except Exception:\n"
     "        pass"), "none none"),
    # bounded
    (f"for n in range(3):\n    {CALL}pass", "bounded none"),
    (f"for n in range(3):\n    {CALL}time.sleep(1)", "bounded fixed 1.0"),
    (f"for n in range(3):\n    {CALL}time.sleep(2 ** n)", "bounded growing"),
    (f"for n in range(3):\n    {CALL}time.sleep(random.random())", "bounded growing"),
    (f"for wait in (1, 2, 4):\n    {CALL}time.sleep(wait)", "bounded growing"),
    (f"n = 0\nwhile n < 3:\n    {CALL}n += 1", "bounded none"),
    (f"n = 3\nwhile n > 0:\n    {CALL}n = n - 1", "bounded none"),
    (f"n = 0\nwhile True:\n    {CALL}n += 1\n        if n > 3:\n            raise", "bounded none"),
    (f"n = 0\nwhile True:\n    n += 1\n    {CALL}if n == 3:\n            raise", "bounded none"),
    (f"end = time.monotonic() + 5\nwhile time.monotonic() < end:\n    {CALL}pass", "bounded none"),
    (f"end = time.time() + 5\nwhile True:\n    {CALL}if time.time() > end:\n            raise", "bounded none"),
    # a counter that does not count when this handler goes on
    (f"n = 0\nwhile n < 3:\n    {CALL}continue\n    n += 1", "none none"),
    # growing waits
    (f"delay = 1\nwhile True:\n    {CALL}time.sleep(delay)\n        delay *= 2", "none growing"),
    (f"delay = 1\nwhile True:\n    {CALL}time.sleep(delay)\n        delay = min(delay * 2, 60)", "none growing"),
    # no retries
    ("while True:\n    requests.get(URL)", ""),
    ("while True:\n    try:\n        requests.get(URL)\n    except Exception:\n        pass", ""),
    ("while True:\n    try:\n        requests.get(URL)\n    except Exception:\n        raise", ""),
    ("while True:\n    try:\n        requests.get(URL)\n        break\n    except Exception:\n        break", ""),
    ("while True:\n    try:\n        return int(x)\n    except ValueError:\n        pass", ""),
    ("for item in x:\n    try:\n        requests.get(URL)\n    except Exception:\n        continue", ""),
    (("while True:\n    def inner():\n        try:\n            return requests.get(URL)\n        except Exception:\n"
     "            pass"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), LOOPS)
def test_loops(body: str, expected: str) -> None:
    session = opened(f"{HEAD}def f(x):\n{indent(body, '    ')}\n")
    found = [fact for fact in derived_in(session) if isinstance(fact, RetryLoop)]
    shown = [
        " ".join(
            filter(
                None,
                (
                    fact.limit,
                    fact.wait,
                    "" if fact.wait_seconds is None else str(fact.wait_seconds),
                    "via " + source(session, fact.hops[0].site) if fact.hops else "",
                ),
            )
        )
        for fact in found
    ]

    assert "; ".join(shown) == expected


def test_the_loop_is_marked_at_its_head() -> None:
    loop = "while True:\n    try:\n        call()\n        break\n    except Exception:\n        pass\n"
    session = opened(HEAD + loop)
    (fact,) = (fact for fact in derived_in(session) if isinstance(fact, RetryLoop))

    assert source(session, fact.site) == "while True:"
