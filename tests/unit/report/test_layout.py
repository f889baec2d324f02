from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shearpin.report.layout import Box, Layout, Placed, layout
from shearpin.report.layout_labels import Label, place_labels
from shearpin.report.layout_layers import layered

NAMES = [f"n{index}" for index in range(14)]
LINKS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40, unique=True)
SIZES = st.lists(st.tuples(st.floats(60, 260), st.floats(30, 150)), min_size=len(NAMES), max_size=len(NAMES))


def boxes(sizes) -> list[Box]:
    return [Box(name, *size) for name, size in zip(NAMES, sizes, strict=True)]


def overlap(first: Placed, second: Placed) -> bool:
    return (
        first.x < second.x + second.width
        and second.x < first.x + first.width
        and first.y < second.y + second.height
        and second.y < first.y + first.height
    )


def cuts(drawn: Layout) -> list[tuple[str, str, str]]:
    """Level runs that go through a box that is neither end of the line."""
    return [
        (route.tail, route.head, box.name)
        for route in drawn.routes
        for run in route.runs
        for box in drawn.boxes
        if box.name not in (route.tail, route.head)
        and min(run.start, run.end) < box.x + box.width
        and box.x < max(run.start, run.end)
        and box.y < run.y < box.y + box.height
    ]


@settings(max_examples=150, deadline=None)
@given(SIZES, LINKS)
def test_no_box_overlaps_another_and_no_line_runs_through_one(sizes, links):
    drawn = layout(boxes(sizes), links)
    assert [box.name for box in drawn.boxes] == NAMES
    assert [
        pair for i, a in enumerate(drawn.boxes) for b in drawn.boxes[:i] if overlap(a, b) for pair in [(a, b)]
    ] == []
    assert cuts(drawn) == []
    for box in drawn.boxes:
        assert 0 <= box.x <= box.x + box.width <= drawn.width
        assert 0 <= box.y <= box.y + box.height <= drawn.height


@settings(max_examples=50, deadline=None)
@given(SIZES, LINKS)
def test_lines_begin_and_end_at_the_sides_of_their_boxes(sizes, links):
    drawn = layout(boxes(sizes), links)
    placed = {box.name: box for box in drawn.boxes}
    assert [(route.tail, route.head) for route in drawn.routes] == [link for link in links if link[0] != link[1]]
    for route in drawn.routes:
        for name, x, y in (
            (route.tail, route.runs[0].start, route.runs[0].y),
            (route.head, route.runs[-1].end, route.runs[-1].y),
        ):
            box = placed[name]
            assert min(abs(x - box.x), abs(x - box.x - box.width)) < 0.01
            assert box.y <= y <= box.y + box.height
        # the curves between runs stay in the room between columns
        steps = [after.start - before.end for before, after in pairwise(route.runs)]
        assert all(step > 0 for step in steps) or all(step < 0 for step in steps)


@settings(max_examples=50, deadline=None)
@given(SIZES, LINKS)
def test_same_input_gives_the_same_picture(sizes, links):
    assert layout(boxes(sizes), links) == layout(boxes(sizes), links)


def test_what_is_used_stands_right_of_its_users():
    drawn = layout([Box(name, 100, 40) for name in "dcba"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    x = {box.name: box.x for box in drawn.boxes}
    assert x["a"] < x["b"] < x["c"] < x["d"]


def test_only_one_line_of_a_cycle_goes_back():
    drawn = layout([Box(name, 100, 40) for name in "abc"], [("a", "b"), ("b", "c"), ("c", "a")])
    backwards = [route for route in drawn.routes if route.runs[0].start > route.runs[-1].end]
    assert len(backwards) == 1


def test_lines_that_need_not_cross_do_not():
    drawn = layout([Box(name, 100, 40) for name in "abcxyz"], [("a", "z"), ("b", "y"), ("c", "x")])
    y = {box.name: box.y for box in drawn.boxes}
    left = sorted("abc", key=y.__getitem__)
    assert [{"a": "z", "b": "y", "c": "x"}[name] for name in left] == sorted("xyz", key=y.__getitem__)


def test_full_columns_are_split():
    names = ["hub", *(f"leaf{index}" for index in range(30))]
    column = layered(names, [("hub", name) for name in names[1:]], 8)
    sizes = [list(column.values()).count(number) for number in range(max(column.values()) + 1)]
    assert max(sizes) <= 8
    assert column["hub"] == 0


def test_boxes_without_lines_stand_below():
    drawn = layout([Box(name, 100, 40) for name in "abcd"], [("a", "b")])
    y = {box.name: box.y for box in drawn.boxes}
    assert y["c"] == y["d"] > y["a"] + 40


def test_nothing_and_one_box():
    assert layout([], []).boxes == ()
    assert layout([Box("a", 100, 40)], [("a", "a")]).routes == ()


def test_an_end_without_box_is_an_error():
    with pytest.raises(KeyError):
        layout([Box("a", 100, 40)], [("a", "b")])


@settings(max_examples=50, deadline=None)
@given(SIZES, LINKS, st.floats(20, 200))
def test_labels_cover_no_box_and_no_other_label(sizes, links, width):
    drawn = layout(boxes(sizes), links)
    label = Label(width, 17)
    spots = place_labels(drawn, [label for _ in drawn.routes])
    areas = [Placed("", x - width / 2, y - 8.5, width, 17) for x, y in filter(None, spots)]
    assert [1 for i, a in enumerate(areas) for b in areas[:i] if overlap(a, b)] == []
    assert [1 for area in areas for box in drawn.boxes if overlap(area, box)] == []


def test_a_label_has_room_on_a_line_of_its_own():
    drawn = layout([Box("a", 100, 40), Box("b", 100, 40)], [("a", "b")], 190)
    assert place_labels(drawn, [Label(120, 17)]) != [None]
    assert place_labels(drawn, [Label(0, 17)]) == [None]
    assert place_labels(drawn, [Label(400, 17)]) == [None]
