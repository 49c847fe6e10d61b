"""Two documents, and the places at which they differ."""

from __future__ import annotations

import pytest

from service.replay.comparing import Change, changes


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("/a", "1", "2")]),
        ({"a": 1}, {"a": 1.0}, [("/a", "1", "1.0")]),
        ({"a": 1}, {"a": True}, [("/a", "1", "true")]),
        ({"a": None}, {}, [("/a", "null", None)]),
        ({}, {"a": None}, [("/a", None, "null")]),
        ({"a": [1, 2]}, {"a": [1]}, [("/a/1", "2", None)]),
        ({"a": [1]}, {"a": [2, 3]}, [("/a/0", "1", "2"), ("/a/1", None, "3")]),
        ({"a": {"b": [{"c": "x"}]}}, {"a": {"b": [{"c": "y"}]}}, [("/a/b/0/c", '"x"', '"y"')]),
        ({"a": [1]}, {"a": {"0": 1}}, [("/a", "[1]", '{"0":1}')]),
        ({"a/b~c": 1}, {"a/b~c": 2}, [("/a~1b~0c", "1", "2")]),
        (1, 2, [("", "1", "2")]),
    ],
)
def test_each_place_that_differs_is_told_with_what_stood_and_stands_there(
    before: object, after: object, found: list[tuple[str, str | None, str | None]]
) -> None:
    assert list(changes(before, after)) == [Change(path=path, before=old, after=new) for path, old, new in found]
