from __future__ import annotations

from .reading import at, read_text

TEXT = """\
AMQP_URI: amqp://${RABBIT_USER:guest}@${RABBIT_HOST:localhost}/
WEB_SERVER_ADDRESS:
DB_URIS:
  "orders:Base": postgresql://${DB_HOST:localhost}/orders
LOGGING:
  level: INFO
  format: plain
  handlers: [console]
"""


def test_settings_as_they_are_written():
    facts = read_text("orders/config.yml", TEXT)
    (source,) = facts.sources
    assert (facts.kind, source.kind, source.name) == ("nameko", "settings", "config.yml")
    assert {entry.name: entry.value for entry in source.entries} == {
        "AMQP_URI": "amqp://${RABBIT_USER:guest}@${RABBIT_HOST:localhost}/",
        "WEB_SERVER_ADDRESS": None,
        "DB_URIS": "postgresql://${DB_HOST:localhost}/orders",
        "DB_URIS/orders:Base": "postgresql://${DB_HOST:localhost}/orders",
        "LOGGING/level": "INFO",
        "LOGGING/format": "plain",
    }


def test_places():
    (source,) = read_text("config.yml", TEXT).sources
    assert at({"config.yml": TEXT}, source.entries[0].site).startswith("amqp://")


def test_other_files_are_none():
    assert read_text("config.yml", "logging:\n  level: INFO\n").kind == ""


def test_a_broken_file_never_raises():
    assert read_text("config.yml", "AMQP_URI: [\n  : :").kind == "nameko"
