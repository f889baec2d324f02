"""Pages as workspaces: which blocks belong together, and what a fixed block replaces."""

from __future__ import annotations

import pytest

from shearpin.rulekit.pages import Example, PageError, examples, without_marks


def page(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def block(info: str, text: str) -> str:
    return f"```{info}\n{text}\n```"


def test_blocks_of_one_kind_under_one_heading_are_one_workspace():
    found = examples(
        page("## One", block("yaml bad file=compose.yaml", "services: {}"), "prose", block("python bad", "x = 1"))
    )
    assert found == (Example("One", "bad", {"compose.yaml": "services: {}\n", "app.py": "x = 1\n"}),)


def test_another_heading_begins_another_workspace():
    found = examples(page("## One", block("python good", "x = 1"), "## Two", block("python good file=b.py", "x = 2")))
    assert [(one.heading, list(one.files)) for one in found] == [("One", ["app.py"]), ("Two", ["b.py"])]


def test_a_file_that_comes_again_begins_another_workspace():
    found = examples(page("## One", block("python good", "x = 1"), block("python good", "x = 2")))
    assert [one.files["app.py"] for one in found] == ["x = 1\n", "x = 2\n"]


def test_fixed_replaces_a_file_of_the_bad_workspace():
    found = examples(
        page(
            "## One",
            block("python bad file=a.py", "a = 1"),
            block("python bad file=b.py", "b = 1"),
            block("python fixed file=b.py", "b = 2"),
        )
    )
    assert found == (
        Example("One", "bad", {"a.py": "a = 1\n", "b.py": "b = 1\n"}, {"a.py": "a = 1\n", "b.py": "b = 2\n"}),
    )


def test_bad_good_and_plain_blocks_keep_apart():
    found = examples(
        page("## One", block("python bad", "x = 1"), block("python", "plain"), block("python good", "x = 2"))
    )
    assert [(one.kind, one.fixed) for one in found] == [("bad", None), ("good", None)]


@pytest.mark.parametrize(
    "before", ["## One", "## One\n" + block("python good", "x = 1"), block("python bad", "y") + "\n## One"]
)
def test_fixed_needs_something_bad_above_it(before: str):
    with pytest.raises(PageError):
        examples(page(before, block("python fixed", "x = 2")))


def test_headings_inside_of_code_are_code():
    found = examples(page("## One", block("python good", "## Two\nx = 1")))
    assert [one.heading for one in found] == ["One"]


def test_marks_are_taken_out():
    assert without_marks("f()  # expect: a-rule, other\ng()  # why\n") == "f()\ng()  # why\n"
