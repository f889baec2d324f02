"""What an SQL text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.adapterkit.sql import read_sql
from shearpin.facts.site import FunctionId
from shearpin.facts.value import UNKNOWN, Choice, Const, Param, Template

HOLE = Param(FunctionId("app.py", "f"), 0, "name")


@pytest.mark.parametrize(
    ("text", "kind", "table"),
    [
        ("SELECT * FROM orders WHERE id = 1", "read", "orders"),
        ("  select id\n from\n orders o join users u on u.id = o.user_id", "read", "orders"),
        ("SELECT * FROM orders FOR UPDATE", "read", "orders"),
        ("SELECT 'insert into x' FROM orders", "read", "orders"),
        ("-- delete from x\nSELECT 1 FROM orders", "read", "orders"),
        ("(SELECT 1 FROM a) UNION (SELECT 2 FROM b)", "read", "a"),
        ("INSERT INTO orders (id) VALUES (1) ON CONFLICT DO UPDATE SET id = 2", "write", "orders"),
        ("insert or ignore into orders values (1)", "write", "orders"),
        ("INSERT INTO archive SELECT * FROM orders", "write", "archive"),
        ("UPDATE orders SET n = n + 1", "write", "orders"),
        ('UPDATE "orders" SET n = 1', "write", "orders"),
        ("UPDATE public.orders SET n = 1", "write", "orders"),
        ("UPDATE sales.orders SET n = 1", "write", "sales.orders"),
        ("DELETE FROM orders", "write", "orders"),
        ("TRUNCATE TABLE orders", "write", "orders"),
        ("CREATE TABLE IF NOT EXISTS orders (id int)", "write", "orders"),
        ("WITH old AS (SELECT * FROM orders FOR UPDATE) DELETE FROM carts USING old", "write", "carts"),
        ("WITH old AS (SELECT * FROM orders) SELECT * FROM old", "read", "orders"),
        ("EXPLAIN SELECT * FROM orders", "read", "orders"),
    ],
)
def test_kind_and_table(text, kind, table):
    assert read_sql(Const(text)) == (kind, Const(table))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BEGIN", "begin"),
        ("COMMIT", "commit"),
        ("ROLLBACK TO SAVEPOINT a", "rollback"),
        ("SELECT 1", "read"),
        ("SELECT pg_advisory_lock(1)", "read"),
        ("VACUUM", "unknown"),
        ("", "unknown"),
        ("?", "unknown"),
    ],
)
def test_statements_without_a_table(text, kind):
    assert read_sql(Const(text)) == (kind, UNKNOWN)


def test_a_name_with_a_hole_is_no_name():
    assert read_sql(Template((Const("SELECT * FROM "), HOLE))) == ("read", UNKNOWN)
    assert read_sql(Template((Const("SELECT * FROM orders_"), HOLE, Const(" WHERE id = 1")))) == ("read", UNKNOWN)
    assert read_sql(Template((Const("DELETE FROM orders WHERE id = "), HOLE))) == ("write", Const("orders"))


def test_alternatives_have_what_they_share():
    first, second = Const("SELECT * FROM a"), Const("SELECT * FROM b")
    assert read_sql(Choice((first, second))) == ("read", UNKNOWN)
    assert read_sql(Choice((first, Const("DELETE FROM a")))) == ("unknown", Const("a"))


def test_what_is_no_text_is_unknown():
    assert read_sql(Const(3)) == ("unknown", UNKNOWN)
    assert read_sql(HOLE) == ("unknown", UNKNOWN)


_WORDS = [
    "select",
    "update",
    "insert into",
    "for update",
    "orders",
    '"',
    "'",
    "--",
    "/*",
    "(",
    ".",
    ";",
    "from",
    "with",
]


@given(st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=4)), max_size=20).map(" ".join))
def test_no_text_fails(text):
    kind, _ = read_sql(Const(text))
    assert kind in {"read", "write", "commit", "rollback", "begin", "unknown"}
