from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml


def plain(node: YamlNode) -> object:
    """Nodes as ordinary values, without places."""
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlSequence):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node.entries}


def only(source: bytes) -> YamlMapping:
    (document,) = read_yaml(source).documents
    assert isinstance(document, YamlMapping)
    return document


def test_scalars_stay_as_written() -> None:
    assert plain(only(b"on: yes\nport: 22:22\nversion: 1.10\nnull: ~\n")) == {
        "on": "yes",
        "port": "22:22",
        "version": "1.10",
        "null": "~",
    }


def test_spans_are_bytes_whatever_the_characters() -> None:
    source = "# é😀\r\nname: 'grün'\r\nport: 8000\r\n".encode()
    port = only(source).get("port")
    name = only(source).get("name")
    assert port is not None
    assert source[port.start : port.end] == b"8000"
    assert name is not None
    assert source[name.start : name.end].decode() == "'grün'"


def test_spans_hold_behind_a_byte_order_mark_and_broken_bytes() -> None:
    source = b"\xef\xbb\xbf# \xff\xfe\nport: 8000\n"
    port = only(source).get("port")
    assert port is not None
    assert source[port.start : port.end] == b"8000"


def test_a_block_ends_with_its_last_child() -> None:
    source = b"a:\n  b: 1\n\n# comment\n\nc: 2\n"
    block = only(source).get("a")
    assert block is not None
    assert source[block.start : block.end] == b"b: 1"


def test_merged_keys_follow_own_ones() -> None:
    source = b"base: &b {x: 1, y: 2}\nother: &o {z: 3}\nreal:\n  <<: [*b, *o]\n  y: 5\n"
    assert plain(only(source))["real"] == {"y": "5", "x": "1", "z": "3"}  # type: ignore[index]


def test_of_equal_keys_the_last_wins() -> None:
    assert plain(only(b"a: 1\nb: 2\na: 3\n")) == {"a": "3", "b": "2"}


def test_unknown_alias_is_a_problem_with_its_place() -> None:
    source = b"a: 1\nb: *nothing\n"
    file = read_yaml(source)
    assert file.documents == ()
    assert [source[problem.start :][:8] for problem in file.problems] == [b"*nothing"]


def test_a_broken_document_leaves_the_others() -> None:
    source = b"kind: A\n---\nkind: [B\n---\nkind: C\n"
    file = read_yaml(source)
    assert [plain(document) for document in file.documents] == [{"kind": "A"}, {"kind": "C"}]
    last = file.documents[-1]
    assert isinstance(last, YamlMapping)
    assert source[last.entries[0][1].start :] == b"C\n"
    assert len(file.problems) == 1


def test_an_alias_of_itself_is_nothing() -> None:
    assert plain(only(b"a: &x\n  - *x\n  - 1\n")) == {"a": ["", "1"]}


def test_aliases_that_multiply_cost_nothing() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    assert len(only("\n".join(lines).encode()).entries) == 20


@given(st.binary(max_size=200))
def test_never_raises(source: bytes) -> None:
    file = read_yaml(source)
    for problem in file.problems:
        assert 0 <= problem.start <= len(source)


def test_deep_nesting_is_a_problem_not_a_crash() -> None:
    assert read_yaml(b"[" * 100_000).problems
    assert read_yaml(b"- " * 100_000).problems
