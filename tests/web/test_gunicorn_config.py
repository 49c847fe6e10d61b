"""How the workers share connections, and that they do not look through what never changes."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from service import gunicorn_config as config

MOVING = config.REQUESTS_BEFORE_MOVING


class Request:
    """The n-th request of a connection, as gunicorn shows it."""

    def __init__(self, number: int) -> None:
        self.req_number, self.closes = number, False

    def force_close(self) -> None:
        self.closes = True


@pytest.fixture(autouse=True)
def nothing_under_way() -> Iterator[None]:
    config._under_way.clear()
    yield
    config._under_way.clear()


@pytest.mark.parametrize(
    ("number", "closes"), [(1, False), (MOVING - 1, False), (MOVING, True), (MOVING + 1, False), (2 * MOVING, True)]
)
def test_a_crowded_worker_lets_a_connection_go_now_and_then(number: int, closes: bool) -> None:
    config.pre_request(None, Request(1))
    request = Request(number)

    config.pre_request(None, request)

    assert request.closes is closes


def test_a_connection_that_is_alone_is_kept() -> None:
    before, alone = Request(1), Request(MOVING)
    config.pre_request(None, before)
    config.post_request(None, before, {}, None)

    config.pre_request(None, alone)

    assert not alone.closes


def test_what_the_start_made_is_never_looked_through_again() -> None:
    threshold = gc.get_threshold()
    try:
        config.post_worker_init(None)

        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] == config.OBJECTS_BETWEEN_COLLECTIONS
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
