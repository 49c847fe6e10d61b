"""The file of keys: what it may say, how keys are added, and what a change of it does to a service that runs."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service import logs
from service.clients.api_keys import KeyRefused
from service.clients.key_file import KeyRing, KeysError, add, keys_in
from tests.support.api_keys import EXPIRES, a_key, written

ENTRY = a_key("north", "evaluate", "export", tenant="a")[1].entry()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    logs.configure("info")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_key_is_read_as_it_was_written(file: Path) -> None:
    _, kept = a_key("north", "evaluate", "traces.body", tenant="a")

    assert keys_in(written(file, [kept])) == (kept,)


def test_a_file_without_a_key_lets_nobody_in(file: Path) -> None:
    assert keys_in(written(file, [])) == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "North"}, "keys.0.name"),
        ({"name": ""}, "keys.0.name"),
        ({"prefix": "osteon_short"}, "keys.0.prefix"),
        ({"sha256": "0" * 63}, "keys.0.sha256"),
        ({"scopes": []}, "keys.0.scopes"),
        ({"scopes": ["everything"]}, "keys.0.scopes"),
        ({"scopes": "evaluate"}, "keys.0.scopes"),
        ({"expires": "2999-01-01T00:00:00"}, "keys.0.expires"),
        ({"expires": 32472144000}, "keys.0.expires"),
        ({"expires": None}, "keys.0.expires"),
        ({"tenant": 1}, "keys.0.tenant"),
        ({"role": "admin"}, "keys.0.role"),
    ],
)
def test_a_wrong_value_is_told_by_its_place_and_not_repeated(file: Path, changed: dict[str, Any], told: str) -> None:
    file.write_text(json.dumps({"keys": [{**ENTRY, **changed}]}))

    with pytest.raises(KeysError, match=told) as error:
        keys_in(file)

    assert error.value.place.startswith(told) and str(ENTRY["sha256"]) not in str(error.value)
    assert "everything" not in str(error.value) and "admin" not in str(error.value)


@pytest.mark.parametrize("missing", ["name", "prefix", "sha256", "scopes", "expires"])
def test_only_the_tenant_may_be_missing(file: Path, missing: str) -> None:
    file.write_text(json.dumps({"keys": [{name: value for name, value in ENTRY.items() if name != missing}]}))

    with pytest.raises(KeysError, match=f"keys.0.{missing}"):
        keys_in(file)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": {}}', "\xff", "[" * 100_000, '{"keys": [], "more": 1}'])
def test_what_is_not_such_a_file_is_told_in_a_sentence(file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(KeysError, match=r"^The file of API keys.*\.$"):
        keys_in(file)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(KeysError, match="can be read as JSON"):
        keys_in(file)


@pytest.mark.parametrize("what", ["name", "prefix"])
def test_two_keys_differ_in_name_and_prefix(file: Path, what: str) -> None:
    other = {**a_key("south", "export")[1].entry(), what: ENTRY[what]}
    file.write_text(json.dumps({"keys": [ENTRY, other]}))

    with pytest.raises(KeysError, match=f"the same {what}"):
        keys_in(file)


# --- adding ------------------------------------------------------------------------------------


def test_keys_are_added_for_the_owner_alone(file: Path) -> None:
    (_, first), (_, second) = a_key("first", "export"), a_key("second", "evaluate")

    add(first, file)
    file.chmod(0o644)
    add(second, file)

    assert keys_in(file) == (first, second)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


def test_a_name_that_is_taken_leaves_the_file_as_it_was(file: Path) -> None:
    add(a_key("north", "export")[1], file)
    before = file.read_bytes()

    with pytest.raises(KeysError, match="the same name"):
        add(a_key("north", "evaluate")[1], file)

    assert file.read_bytes() == before and len(list(file.parent.iterdir())) == 1


def test_a_file_that_is_reached_by_a_link_stays_where_it_is(file: Path, tmp_path: Path) -> None:
    add(a_key("north", "export")[1], file)
    link = tmp_path / "link.json"
    link.symlink_to(file)

    add(a_key("south", "export")[1], link)

    assert link.is_symlink() and len(keys_in(file)) == 2


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="cannot be written"):
        add(a_key("north", "export")[1], tmp_path / "nowhere" / "keys.json")


# --- changing while the service runs -----------------------------------------------------------


def test_a_key_counts_as_soon_as_it_is_added_and_until_it_is_removed(file: Path) -> None:
    (first, one), (second, two) = a_key("first", "export"), a_key("second", "evaluate")
    ring = KeyRing(written(file, [one]))

    with pytest.raises(KeyRefused):
        ring.key(second)
    add(two, file)
    assert (ring.key(first), ring.key(second)) == (one, two)

    written(file, [two])
    with pytest.raises(KeyRefused) as removed:
        ring.key(first)
    assert removed.value.reason == "unknown" and ring.key(second) == two


@pytest.mark.parametrize(
    "harm", [lambda f: f.write_text("{"), lambda f: f.unlink(), lambda f: f.write_text('{"keys": [{}]}')]
)
def test_a_broken_file_leaves_the_keys_as_they_were_and_is_told_once(
    file: Path, log_lines: Callable[[], list[dict[str, Any]]], harm: Callable[[Path], object]
) -> None:
    text, kept = a_key("north", "export")
    ring = KeyRing(written(file, [kept]))

    harm(file)

    assert ring.key(text) == ring.key(text) == kept
    [line] = log_lines()
    assert (line["event"], line["level"], line["code"]) == ("api_keys", "error", "kept-old")
    assert line["setting"] == "OSTEON_API_KEYS_FILE" and kept.sha256 not in json.dumps(line)


def test_a_mended_file_is_read_again(file: Path, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    (first, one), (second, two) = a_key("first", "export"), a_key("second", "export")
    ring = KeyRing(written(file, [one]))
    file.write_text("{")
    assert ring.key(first) == one

    written(file, [two])

    assert ring.key(second) == two
    assert [line["code"] for line in log_lines()] == ["kept-old", "reread"]
    with pytest.raises(KeyRefused):
        ring.key(first)


def test_a_file_of_the_same_size_and_time_that_was_replaced_is_noticed(file: Path) -> None:
    (first, one), (_, two) = a_key("north", "export"), a_key("north", "export")
    ring, before = KeyRing(written(file, [one])), file.stat()

    draft = file.with_suffix(".new")
    written(draft, [two])
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(file)

    assert file.stat().st_size == before.st_size
    with pytest.raises(KeyRefused):
        ring.key(first)


def test_a_key_is_judged_by_the_clock_of_the_moment(file: Path) -> None:
    text, kept = a_key("north", "export")
    now = [datetime(2026, 11, 1, tzinfo=UTC)]
    ring = KeyRing(written(file, [kept]), lambda: now[0])
    assert ring.key(text) == kept

    now[0] = EXPIRES

    with pytest.raises(KeyRefused):
        ring.key(text)
