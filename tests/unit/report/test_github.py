from __future__ import annotations

from shearpin.report.github import github_annotations

from .findings import checked


def test_annotations_are_one_line_each_and_escaped(desk):
    first, second = github_annotations(checked(desk)).splitlines()
    assert first == (
        "::error file=orders/client.py,line=5,endLine=5,col=17,endColumn=30,title=shearpin%3A call-without-timeout"
        "::this call may wait for ever: 100%25 of the pool hangs; set a timeout"
        "%0Aorders/api.py:3: the request handler `create` calls `charge`"
    )
    assert second.startswith("::warning file=orders/api.py,line=3,")
