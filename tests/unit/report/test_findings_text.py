from __future__ import annotations

from dataclasses import replace

import msgspec
from inline_snapshot import snapshot

from shearpin.report.findings_text import findings_concise, findings_text
from shearpin.report.places import Places, Sources
from shearpin.report.styled import Tone, plain_text
from shearpin.rulekit.verdict import FixPlan, Grade
from shearpin.session import Counts

from .findings import checked, two_findings


def test_a_finding_reads_like_a_compilers(desk):
    skipped = (("orders/old.py", "is not UTF-8 (byte 12)"),)
    practices = {"timeouts": Counts(10, 7, 1, 2), "errors": Counts(0, 0, 0, 0)}
    text = plain_text(findings_text(replace(checked(desk), skipped=skipped, suppressed=2, practices=practices)))
    assert text == snapshot("""\
error[call-without-timeout]: this call may wait for ever: 100% of the pool hangs; set a timeout
  --> orders/client.py:5:17
   |
 4 | def charge(order):
 5 |     note = "𝄞"; requests.post(URL, json=order)
   |                 ^^^^^^^^^^^^^
 6 |     return True
   = note: orders/api.py:3: the request handler `create` calls `charge`
   = note: in services orders, gateway; as deployed by compose.yaml; likely, not certain
   = help: fix available (safe): Set timeout=(3.05, 10)
   = help: fix available (review): Add a circuit breaker

warning[unchecked-response]: nobody tests the answer
  --> orders/api.py:3:5
   |
 2 | def create(order):
 3 |     charge(order)
   |     ^^^^^^^^^^^^^

skipped orders/old.py: is not UTF-8 (byte 12)

How far practices hold
  timeouts  ██████████████▒▒▒▒░░   70 %  7 of 10 hold, 1 violated, 2 unknown

2 problems in 2 files: 1 error, 1 warning; 2 allowed by comments.
1 with a safe fix: shearpin fix --apply (look first: shearpin fix --diff).
""")


def test_concise_is_one_line_a_finding(desk):
    assert plain_text(findings_concise(checked(desk))) == snapshot("""\
orders/client.py:5:17: error[call-without-timeout] this call may wait for ever: 100% of the pool hangs; set a timeout
orders/api.py:3:5: warning[unchecked-response] nobody tests the answer
""")


def test_no_finding_says_so(desk):
    assert plain_text(findings_text(replace(checked(desk), findings=()))) == "No problems found in 2 files.\n"


def test_paths_lead_from_the_current_folder(desk):
    two_findings(desk)
    places = Places(Sources(desk.files.get, lambda site: (site.start, site.end)), "systems/shop/")
    text = plain_text(findings_text(replace(checked(desk), places=places)))
    assert "--> systems/shop/orders/client.py:5:17" in text
    assert "note: systems/shop/orders/api.py:3: the request handler" in text


def test_severity_decides_the_tone(desk):
    first = next(iter(findings_text(checked(desk))))
    assert first[0].tone is Tone.ERROR


def test_a_finding_in_a_file_that_is_gone_is_still_shown(desk):
    found = checked(desk)
    desk.files.clear()
    text = plain_text(findings_text(found))
    assert "--> orders/client.py:1:1" in text
    assert text.count("error[call-without-timeout]") == 1


def test_fixes_to_review_are_counted_apart_from_safe_ones(desk):
    first, second = two_findings(desk)
    second = msgspec.structs.replace(second, fixes=(FixPlan("Raise", Grade.REVIEW, ()),))
    text = plain_text(findings_text(replace(checked(desk), findings=(first, second))))
    assert "\n1 with a safe fix: shearpin fix --apply" in text
    assert "\n1 more with a fix that needs a look: shearpin fix --unsafe --diff." in text
