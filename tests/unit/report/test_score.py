from __future__ import annotations

import json

from inline_snapshot import snapshot

from shearpin.report.score import score_json, score_text, why_text
from shearpin.report.styled import plain_text
from shearpin.rulekit.verdict import Outcome
from shearpin.session import Score, ScoredSite


def scored(desk) -> Score:
    desk.write("orders/main.py", "get()\npost()\nput()\n")
    said = {"get": Outcome.OK, "post": Outcome.VIOLATED, "put": Outcome.UNKNOWN}
    return Score(
        tuple(
            ScoredSite(
                "timeouts",
                "call-without-timeout",
                desk.site("orders/main.py", word),
                outcome,
                f"{word} is {outcome.value}",
                ("orders",) if word != "put" else (),
                ("standard",) if word != "put" else ("critical",),
            )
            for word, outcome in said.items()
        )
    )


def test_bars_for_practices_zones_and_services(desk):
    assert plain_text(score_text(scored(desk))) == snapshot("""\
How far practices hold
  timeouts      ██████▒▒▒▒▒▒░░░░░░░░   33 %  1 of 3 hold, 1 violated, 1 unknown
  all           ██████▒▒▒▒▒▒░░░░░░░░   33 %  1 of 3 hold, 1 violated, 1 unknown

By zone
  critical      ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    0 %  0 of 1 hold, 1 unknown
  standard      ██████████░░░░░░░░░░   50 %  1 of 2 hold, 1 violated

(no service) (critical)
  timeouts      ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    0 %  0 of 1 hold, 1 unknown
  all           ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    0 %  0 of 1 hold, 1 unknown

orders (standard)
  timeouts      ██████████░░░░░░░░░░   50 %  1 of 2 hold, 1 violated
  all           ██████████░░░░░░░░░░   50 %  1 of 2 hold, 1 violated
""")


def test_nothing_examined_says_so():
    assert plain_text(score_text(Score(()))) == "Nothing was examined.\n"


def test_why_lists_the_worst_first(desk):
    assert plain_text(why_text(scored(desk), desk.places)) == snapshot("""\
violated orders/main.py:2: call-without-timeout: post is violated
unknown  orders/main.py:3: call-without-timeout: put is unknown
holds    orders/main.py:1: call-without-timeout: get is ok
1 of 3 hold, 1 violated, 1 unknown
""")


def test_json_carries_counts_and_verdicts_when_asked(desk):
    answer = json.loads(score_json(scored(desk), desk.places, "/system", with_verdicts=True))
    assert answer["total"] == {"examined": 3, "hold": 1, "violated": 1, "unknown": 1, "share": 33}
    assert [(service["id"], service["zone"]) for service in answer["services"]] == [
        ("", "critical"),
        ("orders", "standard"),
    ]
    assert [(item["line"], item["outcome"]) for item in answer["verdicts"]] == [
        (1, "hold"),
        (2, "violated"),
        (3, "unknown"),
    ]
    assert "verdicts" not in json.loads(score_json(scored(desk), desk.places, "/system", with_verdicts=False))
