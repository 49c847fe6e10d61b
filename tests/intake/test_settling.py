"""Settling: which of several statements is the last word, told at once and as if each were asked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.intake.moments import Moment, moment
from service.intake.settling import _Horizon

TEXTS = (
    "2025", "2026", "2026-01", "2026-01-01", "2026-01-02", "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z",
    "2026-01-01T10:00:00+14:00", "2026-01-01T23:00:00-11:00", "2026-01-02T00:00:00Z",
)  # fmt: skip
MOMENTS = st.sampled_from(TEXTS).map(moment)


@settings(max_examples=300, deadline=None)
@given(others=st.lists(MOMENTS, max_size=5), one=MOMENTS)
def test_a_moment_is_beyond_when_any_other_is_certainly_later(others: list[Moment], one: Moment) -> None:
    assert _Horizon(others).is_beyond(one) == any(one.is_before(other) for other in others)
