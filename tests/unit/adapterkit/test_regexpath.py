"""Regular expressions of URL lists, as paths."""

from __future__ import annotations

import pytest

from shearpin.adapterkit.regexpath import regex_path, slash_may_miss


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (r"^orders/$", "orders/"),
        (r"^orders/?$", "orders"),
        (r"^orders/(?P<order_id>\d+)/$", "orders/{order_id}/"),
        (r"^a/(?P<x>[^/.]+)/b\.json\Z", "a/{x}/b.json"),
        (r"/static/(.*)", "/static/{arg0:path}"),
        (r"/([0-9]+)/(\w{3})", "/{arg0}/{arg1}"),
        (r"/items/\d+", "/items/{}"),
        (r"^(?:v1/)?users/(?P<name>[\w.@+-]+)/$", "users/{name}/"),
        (r"^x(?:\.(?P<format>[a-z0-9]+))?/$", "x/"),
        (r"^(?P<kind>a|b)/$", "{kind}/"),
        (r"^[-\w]+/list$", "{}/list"),
        (r"^a\/b$", "a/b"),
        (r"^(unclosed", "{arg0}"),
        (r"", ""),
        (r"^$", ""),
    ],
)
def test_a_pattern_as_a_path(pattern: str, path: str):
    assert regex_path(pattern) == path


@pytest.mark.parametrize(("pattern", "may_miss"), [("^a/?$", True), ("^a/$", False), ("^a$", False), ("^a/?", True)])
def test_a_last_slash_that_may_be_missing(pattern: str, may_miss: bool):
    assert slash_may_miss(pattern) is may_miss
