"""Hand-built findings for tests of their renderings."""

from __future__ import annotations

from shearpin.engine.finding import Finding
from shearpin.facts.site import Hop
from shearpin.report.checked import Checked
from shearpin.rulekit.verdict import Action, Confidence, FixPlan, Grade, Severity

from .desk import Desk


def two_findings(desk: Desk) -> tuple[Finding, Finding]:
    desk.write(
        "orders/client.py",
        'import requests\n\n\ndef charge(order):\n    note = "𝄞"; requests.post(URL, json=order)\n    return True\n',
    )
    desk.write("orders/api.py", "@app.post('/orders')\ndef create(order):\n    charge(order)\n")
    call = desk.site("orders/client.py", "requests.post")
    first = Finding(
        rule="call-without-timeout",
        pack="timeouts",
        severity=Severity.ERROR,
        confidence=Confidence.LIKELY,
        site=call,
        message="this call may wait for ever: 100% of the pool hangs; set a timeout",
        services=("orders", "gateway"),
        deployment="compose.yaml",
        fingerprint="f1",
        related=(Hop(desk.site("orders/api.py", "charge"), "the request handler `create` calls `charge`"),),
        fixes=(
            FixPlan("Set timeout=(3.05, 10)", Grade.SAFE, (Action("argument", call, "timeout=10"),)),
            FixPlan("Add a circuit breaker", Grade.REVIEW, ()),
        ),
    )
    second = Finding(
        rule="unchecked-response",
        pack="errors",
        severity=Severity.WARNING,
        confidence=Confidence.CERTAIN,
        site=desk.site("orders/api.py", "charge(order)"),
        message="nobody tests the answer",
        services=(),
        deployment="",
        fingerprint="f2",
        related=(),
        fixes=(),
    )
    return first, second


def checked(desk: Desk) -> Checked:
    return Checked("/srv/shop", two_findings(desk), desk.places, files=2)
