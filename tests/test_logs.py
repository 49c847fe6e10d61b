"""Nothing reaches the log that is not on the list, whoever writes it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from service import logs

NAME = "Testcase"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level, sys.excepthook = handlers, level, hook
    logs.configure("info")
    root.handlers = handlers


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    logs.configure("info")

    def read() -> list[dict[str, Any]]:
        text = capsys.readouterr().err
        assert NAME not in text
        return [json.loads(line) for line in text.splitlines()]

    return read


def test_a_line_is_one_json_object_with_its_time_and_level(lines: Any) -> None:
    logs.log("request", route="/evaluate", status=200, duration_ms=1.5)

    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "request", "level": "info", "route": "/evaluate", "status": 200, "duration_ms": 1.5}


def test_a_key_that_is_not_listed_is_dropped_and_counted(lines: Any) -> None:
    logs.log("request", patient=NAME, birth_date=NAME, status=200)

    [line] = lines()
    assert line["dropped_keys"] == 2 and line["status"] == 200 and "patient" not in line


def test_a_value_is_bounded_and_plain(lines: Any) -> None:
    logs.log("x", route="a" * 300, code="a\nb\x1b[0mé", place=["b"] * 30, steps_ms={"read": 1.0, "name": NAME})

    [line] = lines()
    assert len(line["route"]) == logs.LONGEST_TEXT and line["code"] == "a?b?[0m?"
    assert len(line["place"]) == logs.MOST_ITEMS and line["steps_ms"] == {"read": 1.0}


def test_an_object_is_told_by_its_type_alone(lines: Any) -> None:
    class Patient:
        def __repr__(self) -> str:
            return NAME

    logs.log("x", code=Patient(), outcome=NAME.encode())

    [line] = lines()
    assert line["code"] == "Patient" and line["outcome"] == "bytes"


def test_an_exception_is_told_by_type_and_place(lines: Any) -> None:
    try:
        raise KeyError(NAME)
    except KeyError as error:
        logs.log_exception("unexpected", error)

    [line] = lines()
    assert line["level"] == "error" and line["exception"] == "KeyError"
    assert line["place"].startswith(f"{__name__}:")


def test_the_place_of_an_exception_is_in_our_own_code(lines: Any) -> None:
    from service.canonical import loads

    try:
        loads(NAME)
    except ValueError as error:
        logs.log_exception("unexpected", error)

    [line] = lines()
    assert line["place"].startswith("service.canonical:")


@pytest.mark.parametrize("name", ["werkzeug", "gunicorn.error", "sqlalchemy.engine", "flask.app", "a.library"])
def test_libraries_are_heard_without_their_messages(lines: Any, name: str) -> None:
    logging.getLogger(name).warning(f"cannot handle {NAME}")
    logging.getLogger(name).error("cannot handle %s at %d", NAME, 5)

    formatted, templated = lines()
    assert formatted["logger"] == templated["logger"] == name and "template" not in formatted
    assert templated["template"] == "cannot handle %s at %d" and templated["level"] == "error"


def test_libraries_exceptions_are_told_by_type_and_place(lines: Any) -> None:
    try:
        raise RuntimeError(NAME)
    except RuntimeError:
        logging.getLogger("a.library").exception(NAME)

    [line] = lines()
    assert line["exception"] == "RuntimeError" and line["place"].startswith(f"{__name__}:")


def test_what_ends_the_process_is_told_without_its_message(lines: Any) -> None:
    try:
        raise RuntimeError(NAME)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)

    [line] = lines()
    assert (line["event"], line["exception"]) == ("stopped", "RuntimeError")


@pytest.mark.parametrize("level, told", [("info", 1), ("warning", 0), ("error", 0)])
def test_the_level_is_the_least_that_is_told(capsys: pytest.CaptureFixture[str], level: str, told: int) -> None:
    logs.configure(level)
    logs.log("listening")
    assert len(capsys.readouterr().err.splitlines()) == told


def test_configuring_twice_writes_each_line_once(lines: Any) -> None:
    logs.configure("info")
    logs.log("x")
    logging.getLogger("a.library").warning("y")
    assert len(lines()) == 2


def test_a_log_on_a_full_disk_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w")  # noqa: SIM115 - closing it fails, as writing does
    monkeypatch.setattr(sys, "stderr", full)
    logs.configure()

    logs.log("request", status=200)

    with pytest.raises(OSError):
        full.close()
