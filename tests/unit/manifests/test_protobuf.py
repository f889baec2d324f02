from __future__ import annotations

import pytest

from .reading import at, read_text

SHOP = """\
syntax = "proto3"; // service Not { rpc Never (A) returns (B); }
package shop.v1;

/* service Neither {
} */
option java_package = "service Text {";

service Orders {
  rpc Total (Query) returns (Answer);
  rpc Watch (Query) returns (stream Answer) {
    option (google.api.http) = { get: "/v1/watch" };
  }
  rpc Stop(stream Query) returns (Answer) {}
}

message Query { string rpc = 1; }

service Empty {}
"""


def test_services_and_their_procedures():
    facts = read_text("protos/shop.proto", SHOP)
    assert facts.kind == "protobuf"
    assert [(rpc.name, [method.name for method in rpc.methods]) for rpc in facts.rpcs] == [
        ("shop.v1.Orders", ["Total", "Watch", "Stop"]),
        ("shop.v1.Empty", []),
    ]


def test_places():
    orders = read_text("shop.proto", SHOP).rpcs[0]
    files = {"shop.proto": SHOP}
    assert at(files, orders.site) == "Orders"
    assert [at(files, method.site) for method in orders.methods] == ["Total", "Watch", "Stop"]


def test_without_a_package():
    (found,) = read_text("a.proto", "service Orders { rpc Total (A) returns (B); }").rpcs
    assert found.name == "Orders"


@pytest.mark.parametrize("size", range(0, len(SHOP), 7))
def test_a_file_that_is_being_written(size: int):
    names = {rpc.name for rpc in read_text("a.proto", SHOP[:size]).rpcs}
    assert names <= {"shop.v1.Orders", "shop.v1.Empty"}


def test_procedures_count_before_the_brace_is_closed():
    (found,) = read_text("a.proto", "service Orders {\n  rpc Total (A) returns (B);\n").rpcs
    assert [method.name for method in found.methods] == ["Total"]


def test_messages_alone_are_no_manifest():
    assert read_text("a.proto", "message A { string service = 1; }").kind == ""
