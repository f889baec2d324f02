"""The values of expressions: text, numbers, tables, the environment."""

from __future__ import annotations

import pytest

from .notation import revealed

HEAD = """\
import os
from os import environ
from urllib.parse import urljoin
BASE = "http://orders"
HOST = os.getenv("HOST")
PORT = os.environ.get("PORT", "80")
TABLE = {"a": "http://a", "b": "http://b"}
"""

TEXT = [
    ("'a'", "'a'"),
    ("'a' 'b'", "'ab'"),
    ("f'{BASE}/x'", "'http://orders/x'"),
    ("f'http://{HOST}:{PORT}/x'", "f'http://{$HOST}:{$PORT='80'}/x'"),
    ("f'{BASE}/{unknown()}'", "f'http://orders/{builtins.unknown()}'"),
    ("BASE + '/x'", "'http://orders/x'"),
    ("BASE + '/' + HOST", "f'http://orders/{$HOST}'"),
    ("'a' + 1 * 2", "'a2'"),
    ("'%s/x' % BASE", "'http://orders/x'"),
    ("'%s/%d%%' % (BASE, 3)", "'http://orders/3%'"),
    ("'%(base)s/x' % {'base': BASE}", "'http://orders/x'"),
    ("'%s/%s' % BASE", "f'http://orders/{}'"),
    ("'{}/{}'.format(BASE, HOST)", "f'http://orders/{$HOST}'"),
    ("'{0}/{1}/{0}'.format('a', 'b')", "'a/b/a'"),
    ("'{base}/x'.format(base=BASE)", "'http://orders/x'"),
    ("'{{}}{}'.format('a')", "'{}a'"),
    ("'{x.y}/z'.format(x=BASE)", "f'{}/z'"),
    ("'{:>5}'.format('a')", "'a'"),
    ("'/'.join([BASE, 'x', HOST])", "f'http://orders/x/{$HOST}'"),
    ("'/'.join(('a',))", "'a'"),
    ("urljoin(BASE, '/x')", "'http://orders/x'"),
    ("urljoin(BASE, 'x')", "'http://orders/x'"),
    ("urljoin(BASE + '/', 'x')", "'http://orders/x'"),
    ("urljoin(BASE, 'http://b/x')", "'http://b/x'"),
    ("urljoin(HOST, '/x')", "f'{$HOST}/x'"),
    ("urljoin('http://a/b/c', 'd')", "'http://a/b/d'"),
    ("urljoin('http://a/b/c', '/d')", "'http://a/d'"),
    ("urljoin('http://a/b/c', f'/d/{x()}')", "f'http://a/d/{builtins.x()}'"),
    ("urljoin('http://a/b/', f'd/{x()}')", "f'http://a/b/d/{builtins.x()}'"),
    ("urljoin('http://a/b/', x())", "f'http://a/b/{builtins.x()}'"),
    ("urljoin('http://a/b', x())", "?"),
    ("urljoin(HOST or BASE, 'x')", "f'{$HOST='http://orders'}/x'"),
    ("(BASE + '/').rstrip('/')", "'http://orders'"),
    ("f'{HOST}/'.rstrip('/')", "f'{$HOST}'"),
    ("'/x/'.strip('/')", "'x'"),
    ("' x '.strip()", "'x'"),
    ("'a'.upper()", "'A'"),
    ("'a-b'.replace('-', '_')", "'a_b'"),
    ("HOST.replace('http://', 'https://')", "$HOST"),
    ("'abc'.removeprefix('a')", "'bc'"),
    ("'abc'.removesuffix('c')", "'ab'"),
    ("str(BASE)", "'http://orders'"),
    ("int('80')", "80"),
    ("float('x')", "?"),
    ("b'a'.decode()", "'a'"),
]  # fmt: skip

OTHER = [
    ("1", "1"),
    ("2 * 3", "6"),
    ("2 - 3", "-1"),
    ("2 + 3", "5"),
    ("...", "?"),
    ("None", "None"),
    ("HOST or BASE", "$HOST='http://orders'"),
    ("PORT or '81'", "$PORT='80' | '81'"),
    ("BASE or 'x'", "'http://orders'"),
    ("None or BASE", "'http://orders'"),
    ("unknown() or BASE", "builtins.unknown() | 'http://orders'"),
    ("'a' if x() else 'b'", "'a' | 'b'"),
    ("('a' if x() else 'b') + '/c'", "f'{'a' | 'b'}/c'"),
    ("'a' if x() else ('b' if y() else 'a')", "'a' | 'b'"),
    ("[0, 1, 2, 3, 4, 5, 6, 7, 8][x()]", "[0, 1, 2, 3, 4, 5, 6, 7, 8][builtins.x()]"),
    ("environ['A']", "$A"),
    ("os.environ['A']", "$A"),
    ("os.environ.get('A')", "$A"),
    ("os.environ.get('A', default='b')", "$A='b'"),
    ("os.getenv('A', BASE)", "$A='http://orders'"),
    ("os.getenv('A', os.getenv('B', 'c'))", "$A=$B='c'"),
    ("os.getenv(unknown())", "?"),
    ("int(os.getenv('A', '1'))", "$A='1'"),
    ("TABLE['a']", "'http://a'"),
    ("TABLE['c']", "?"),
    ("TABLE.get('a')", "'http://a'"),
    ("TABLE.get('c', 'd')", "'d'"),
    ("TABLE[x()]", "{'a': 'http://a', 'b': 'http://b'}[builtins.x()]"),
    ("{**TABLE, 'a': 1}['a']", "1"),
    ("{**TABLE, 'a': 1}['b']", "'http://b'"),
    ("{**unknown(), 'a': 1}['a']", "?"),
    ("[*['a'], 'b'][1]", "'b'"),
    ("('a', 'b')[-1]", "'b'"),
    ("['a'][1]", "['a'][1]"),
    ("dict(a=1)['a']", "1"),
    ("[x + '/y' for x in ['a', 'b']]", "['a/y', 'b/y']"),
    ("[k for k in TABLE]", "['a', 'b']"),
    ("{k: k + '/x' for k in ['a']}['a']", "'a/x'"),
    ("[v for k, v in TABLE.items()]", "['http://a', 'http://b']"),
    ("(y := 'a')", "'a'"),
    ("getattr(os, 'environ')['A']", "$A"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), [*TEXT, *OTHER])
def test_expressions(expression: str, expected: str) -> None:
    assert revealed(f"{HEAD}reveal({expression})") == [expected]


def test_at_most_eight_alternatives() -> None:
    def choice(count: int) -> str:
        return "import a\nreveal(" + " or ".join(f"a.x{number}" for number in range(count)) + ")"

    assert revealed(choice(8)) == [" | ".join(f"a.x{number}" for number in range(8))]
    assert revealed(choice(9)) == ["?"]


def test_at_most_sixty_four_entries() -> None:
    def table(count: int) -> str:
        return "T = {" + ", ".join(f"{number}: {number}" for number in range(count)) + "}\nreveal(T[3])"

    assert revealed(table(64)) == ["3"]
    assert revealed(table(65)) == ["?"]


def test_at_most_twelve_steps() -> None:
    def chain(count: int) -> str:
        steps = "".join(f"def f{n}(x): return [f{n + 1}(x)]\n" for n in range(count))
        return f"{steps}def f{count}(x): return x\nreveal(f0(1))"

    assert revealed(chain(3)) == ["[[[1]]]"]
    assert "?" in revealed(chain(20))[0]


SETTINGS = [
    ("from pydantic_settings import BaseSettings", "", "url: str", "$URL"),
    ("from pydantic import BaseSettings", "", "url: str", "$URL"),
    ("from pydantic_settings import BaseSettings", "", "url: str = 'http://a'", "$URL='http://a'"),
    ("from pydantic_settings import BaseSettings", "model_config = {'env_prefix': 'SHOP_'}", "url: str", "$SHOP_URL"),
    ("from pydantic_settings import BaseSettings, SettingsConfigDict",
     "model_config = SettingsConfigDict(env_prefix='shop_')", "url: str", "$SHOP_URL"),
    ("from pydantic_settings import BaseSettings",
     "class Config:\n        env_prefix = 'shop_'", "url: str", "$SHOP_URL"),
    ("from pydantic_settings import BaseSettings\nfrom pydantic import Field", "",
     "url: str = Field('http://a', alias='ADDRESS')", "$ADDRESS='http://a'"),
    ("from pydantic_settings import BaseSettings\nfrom pydantic import Field", "model_config = {'env_prefix': 'SHOP_'}",
     "url: str = Field(default='http://a', validation_alias='address')", "$ADDRESS='http://a'"),
    ("from pydantic_settings import BaseSettings\nfrom pydantic import Field", "",
     "url: str = Field(default='http://a')", "$URL='http://a'"),
    ("BaseSettings = object", "", "url: str = 'http://a'", "'http://a'"),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "config", "field", "expected"), SETTINGS)
def test_fields_of_settings_classes_are_read_from_the_environment(
    imports: str, config: str, field: str, expected: str
) -> None:
    code = f"{imports}\nclass Settings(BaseSettings):\n    {config or 'pass'}\n    {field}\n"

    assert revealed(code + "reveal(Settings().url)") == [expected]
    assert revealed(code + "settings = Settings()\ndef f():\n    reveal(settings.url)") == [expected]
    assert revealed(code + "def get(): return Settings()\nreveal(get().url)") == [expected]
    assert revealed(code + "def f(settings: Settings):\n    reveal(settings.url)") == [expected]


def test_settings_of_a_base_class_and_given_at_the_construction() -> None:
    code = """\
        from pydantic_settings import BaseSettings
        class Base(BaseSettings):
            url: str = "http://a"
        class Settings(Base):
            model_config = {"env_prefix": "SHOP_"}
            host: str
        reveal(Settings().url, Settings().host, Settings(host="b").host)
        """

    assert revealed(code) == ["$SHOP_URL='http://a'", "$SHOP_HOST", "'b'"]
