from __future__ import annotations

import pytest

from shearpin.rulekit.verdict import Outcome
from shearpin.session import Counts, Score, share
from shearpin.settings import Settings
from shearpin.settings.model import Zone

from ...support import open_session

COMPOSE = """\
services:
  payments:
    build: ./payments
  web:
    build: ./web
"""
DOCKERFILE = 'FROM python:3.12\nCOPY . /app\nCMD ["uvicorn", "main:app"]\n'
WEB = """\
import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/page")
def page() -> int:
    requests.get("http://a", timeout=2).raise_for_status()
    return requests.get("http://b").status_code
"""
FILES = {
    "compose.yaml": COMPOSE,
    "web/Dockerfile": DOCKERFILE,
    "web/main.py": WEB,
    "payments/Dockerfile": DOCKERFILE,
    "payments/main.py": WEB.replace('"http://b"', '"http://b", timeout=3'),
}


@pytest.fixture(scope="module")
def score() -> Score:
    return open_session(FILES).score()


def test_sites_are_counted_by_practice_and_service(score):
    timeouts = score.only(practice="timeouts")
    assert timeouts.total() == Counts(4, 3, 1, 0)
    assert timeouts.by_service() == {"payments": Counts(2, 2, 0, 0), "web": Counts(2, 1, 1, 0)}
    assert score.only("timeouts", "web").by_practice() == {"timeouts": Counts(2, 1, 1, 0)}


def test_the_sums_are_those_of_a_check(score):
    assert score.by_practice() == open_session(FILES).report().practices


def test_names_put_a_service_into_the_critical_zone_and_settings_win(score):
    assert (score.zone_of("payments"), score.zone_of("web")) == ("critical", "standard")
    assert score.only("timeouts").by_zone() == {"critical": Counts(2, 2, 0, 0), "standard": Counts(2, 1, 1, 0)}
    other = open_session(FILES, settings=Settings(zones=(Zone("free", ("payments",)),))).score()
    assert other.zone_of("payments") == "free"


def test_each_site_says_where_and_why(score):
    violated = [site for site in score.only("timeouts").sites if site.outcome is Outcome.VIOLATED]
    assert [(site.site.path, site.rule, site.services) for site in violated] == [
        ("web/main.py", "call-without-timeout", ("web",))
    ]


def test_a_rule_that_is_switched_off_is_not_counted():
    off = open_session(FILES, settings=Settings(ignore=("call-without-timeout",))).score()
    assert off.only("timeouts").total() == Counts(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [(Counts(0, 0, 0, 0), None), (Counts(3, 2, 1, 0), 66), (Counts(2, 1, 0, 1), 50), (Counts(4, 4, 0, 0), 100)],
)
def test_the_share_counts_nothing_unknown_as_good(counts, expected):
    assert share(counts) == expected
