"""What tenacity's arguments and mounted transports say about attempts, waits and failures."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import HttpCall, RetryPolicy, TransportMounted

from .loading import Loaded
from .notation import text

_HEAD = "import httpx\nimport requests\nimport urllib3\nfrom datetime import timedelta\nimport tenacity\n"


def _policy(arguments: str) -> RetryPolicy:
    code = f"{_HEAD}@tenacity.retry({arguments})\ndef work(): ...\n"
    (found,) = [fact for fact in Loaded({"app.py": code}).facts("app.py") if isinstance(fact, RetryPolicy)]
    return found


def _shown(policy: RetryPolicy) -> str:
    return f"{text(policy.attempts, lambda _: 0)} {text(policy.deadline, lambda _: 0)} {policy.wait}"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("", "None None none"),
        ("stop=tenacity.stop_never", "None None none"),
        ("stop=tenacity.stop_after_attempt(3)", "3 None none"),
        ("stop=tenacity.stop_after_attempt(max_attempt_number=4)", "4 None none"),
        ("stop=tenacity.stop_after_delay(30)", "None 30 none"),
        ("stop=tenacity.stop_after_delay(timedelta(minutes=2))", "None 120.0 none"),
        ("stop=tenacity.stop_any(tenacity.stop_after_attempt(5), tenacity.stop_after_delay(9))", "5 9 none"),
        ("stop=tenacity.stop_after_attempt(5) | tenacity.stop_after_attempt(2)", "2 None none"),
        ("stop=custom()", "? ? none"),
        ("wait=tenacity.wait_fixed(1)", "None None fixed"),
        ("wait=tenacity.wait_exponential(min=1)", "None None exponential"),
        ("wait=tenacity.wait_random_exponential()", "None None jitter"),
        ("wait=tenacity.wait_fixed(3) + tenacity.wait_exponential()", "None None exponential"),
        ("wait=tenacity.wait_chain(tenacity.wait_fixed(1), tenacity.wait_fixed(2))", "None None fixed"),
        ("wait=custom()", "None None unknown"),
        ("**options", "? ? unknown"),
    ],
)
def test_stop_and_wait(arguments: str, shown: str):
    assert _shown(_policy(arguments)) == shown


@pytest.mark.parametrize(
    ("arguments", "failures"),
    [
        ("", ("Exception",)),
        ("retry=tenacity.retry_if_exception_type()", ("Exception",)),
        ("retry=tenacity.retry_if_exception_type(httpx.ConnectError)", ("httpx.ConnectError",)),
        ("retry=tenacity.retry_if_exception_type((OSError, KeyError))", ("OSError", "KeyError")),
        (
            "retry=tenacity.retry_if_exception_type(OSError) | tenacity.retry_if_exception_type(KeyError)",
            ("OSError", "KeyError"),
        ),
        ("retry=tenacity.retry_if_result(bool)", None),
        ("retry=tenacity.retry_if_not_exception_type(KeyError)", None),
    ],
)
def test_which_failures(arguments: str, failures: tuple[str, ...] | None):
    assert _policy(arguments).failures == failures


@pytest.mark.parametrize(
    ("adapter", "attempts", "methods"),
    [
        ("requests.adapters.HTTPAdapter()", "1", ()),
        ("requests.adapters.HTTPAdapter(max_retries=2)", "3", ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")),
        ("requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(5, allowed_methods=['post']))", "6", ("POST",)),
        ("requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(method_whitelist=False))", "11", ("*",)),
        ("Own()", "?", ()),
    ],
)
def test_mounted_transports(adapter: str, attempts: str, methods: tuple[str, ...]):
    code = f"{_HEAD}class Own(requests.adapters.HTTPAdapter): ...\nrequests.Session().mount('https://', {adapter})\n"
    (found,) = [fact for fact in Loaded({"app.py": code}).facts("app.py") if isinstance(fact, TransportMounted)]
    assert (text(found.attempts, lambda _: 0), found.methods) == (attempts, methods)
    assert (found.timeout is None) == ("Own" not in adapter)


@pytest.mark.parametrize(
    ("client", "attempts"),
    [
        ("httpx.Client()", 1),
        ("httpx.Client(transport=httpx.HTTPTransport(retries=2))", 3),
        ("httpx.Client(transport=Own())", None),
        ("httpx.Client(mounts={})", None),
        ("urllib3.PoolManager()", 4),
        ("urllib3.PoolManager(retries=False)", 1),
        ("urllib3.PoolManager(retries=urllib3.Retry(total=1))", 2),
    ],
)
def test_attempts_of_a_client(client: str, attempts: int | None):
    loaded = Loaded({"app.py": f"import httpx\nimport urllib3\nclass Own: ...\n{client}.request('GET', 'http://a')\n"})
    (found,) = [fact for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)]
    assert found.transport_attempts == attempts


def test_forms_that_never_try_again():
    code = """
from tenacity import Retrying, retry

@retry
def numbers():
    yield 1

async def work(): ...

async def main():
    await Retrying()(work)
"""
    found = [fact.form for fact in Loaded({"app.py": code}).facts("app.py") if isinstance(fact, RetryPolicy)]
    assert found == ["iterator"]
