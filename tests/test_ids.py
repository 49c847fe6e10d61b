"""Ids sort by the time they were made, and chance keeps them apart."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from service.ids import uuid7

AT = datetime(2026, 1, 31, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_seven() -> None:
    for chance in (bytes(10), b"\xff" * 10):
        made = uuid.UUID(uuid7(AT, chance))
        assert made.version == 7 and made.variant == uuid.RFC_4122
        assert made.int >> 80 == int(AT.timestamp() * 1000)


def test_a_later_id_sorts_later_whatever_chance_gave() -> None:
    assert uuid7(AT, b"\xff" * 10) < uuid7(AT + timedelta(milliseconds=1), bytes(10))


def test_every_bit_of_chance_that_is_used_makes_another_id() -> None:
    made = {uuid7(AT, (1 << bit).to_bytes(10, "big")) for bit in range(74)}
    assert len(made | {uuid7(AT, bytes(10))}) == 75
