"""The way from a handle to the address behind it."""

from __future__ import annotations

from shearpin.adapterkit.store import addresses, argument_of, client_timeout, dsn_url, host_url, made_from, seconds
from shearpin.facts.site import Site
from shearpin.facts.value import NONE, UNKNOWN, Bound, Choice, Const, Env, Extern, Instance, Value

SITE = Site("app.py", "f", 0, 1)
URL = Env("URL", None)


def made(cls: str, *args: tuple[str, Value], site: Site | None = SITE) -> Instance:
    return Instance(Extern(cls), tuple(Bound(name, value) for name, value in args), site)


HOLDERS = {"lib.Engine": lambda engine: argument_of(engine, "url", 0)}
ENGINE = made("lib.Engine", ("", URL))


def test_the_address_is_found_through_arguments_and_owners():
    maker = made("lib.Maker", ("bind", ENGINE))
    session = made("lib.Session", ("owner", maker))
    assert addresses(session, HOLDERS) == URL
    assert addresses(made("lib.Session"), HOLDERS) == UNKNOWN
    assert addresses(None, HOLDERS) == UNKNOWN


def test_two_engines_are_two_addresses():
    other = made("lib.Engine", ("url", Const("db://other")))
    assert addresses(Choice((ENGINE, other)), HOLDERS) == Choice((URL, Const("db://other")))
    assert addresses(Choice((ENGINE, ENGINE)), HOLDERS) == URL


def test_an_object_out_of_another_has_no_address_of_its_own():
    taken = made("lib.Engine", ("owner", ENGINE), ("url", Const("db://wrong")))
    assert addresses(taken, HOLDERS) == URL


def test_a_chain_longer_than_ten_ends():
    value: Value = ENGINE
    for _ in range(30):
        value = made("lib.Wrapper", ("", value))
    assert addresses(value, HOLDERS) == UNKNOWN
    assert len(list(made_from(value))) == 10


def test_an_argument_is_absent_only_when_the_construction_is_known():
    assert argument_of(ENGINE, "timeout", -1, NONE) == NONE
    assert argument_of(made("lib.Engine", ("**", UNKNOWN)), "timeout", -1, NONE) == UNKNOWN
    assert argument_of(made("lib.Engine", site=None), "timeout", -1, NONE) == UNKNOWN
    assert argument_of(made("lib.Engine", ("timeout", Const(3)), site=None), "timeout", -1, NONE) == Const(3)
    assert argument_of(URL, "timeout", -1, NONE) == UNKNOWN


def test_positions_do_not_count_names():
    engine = made("lib.Engine", ("owner", URL), ("", Const("a")), ("x", Const(1)), ("", Const("b")))
    assert argument_of(engine, "first", 0) == Const("a")
    assert argument_of(engine, "second", 1) == Const("b")


def test_time_limits_in_seconds():
    assert seconds(Const(5000), 0.001) == Const(5.0)
    assert seconds(NONE, 0.001) == NONE
    assert seconds(URL, 0.001) == UNKNOWN
    assert seconds(URL) == URL
    assert client_timeout(made("lib.Client"), "limit", Const(10)).origin == "default"
    assert client_timeout(made("lib.Client", ("limit", NONE)), "limit", Const(10)).value == NONE
    assert client_timeout(made("lib.Client", site=None), "limit", Const(10)).origin == "unknown"


def test_addresses_from_parts():
    assert host_url("redis", Const("cache"), Const(6379), Const(0)) == Const("redis://cache:6379/0")
    assert host_url("redis", UNKNOWN, Const(6379)) == UNKNOWN
    parts = (("host", Const("db")), ("dbname", Const("shop")))
    assert dsn_url(made("lib.Connection", *parts), 0) == Const("postgresql://db:5432/shop")
    assert dsn_url(made("lib.Connection", ("", URL)), 0) == URL
