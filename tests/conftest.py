"""Under CI=true everything is at hand, so a test that is skipped there has failed.

A test fails, too, when the service logged anything about a patient during it, whatever else it was about.
Properties are tried on the same examples in every run; ``make soak`` tries more, and others each time.
Whatever a test decides and keeps is decided again on the spot: a test in which that differs has failed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from service import assess, logs
from service.web import hooks
from tests.support import heard
from tests.support.published_schemas import holding
from tests.support.replayed import Replayed

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "100"))

settings.register_profile(
    "osteon",
    max_examples=EXAMPLES,
    derandomize="SOAK_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("osteon")


def pytest_configure() -> None:
    """Listen to the log, which is written as in production from the first line on."""
    logs._StandardError, hook = heard.Overheard, sys.excepthook  # type: ignore[misc]
    logs.configure("info")
    sys.excepthook = hook


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """After everything a test has started has ended, look at what was logged meanwhile."""
    yield
    told = heard.patients_told()
    assert not told, f"A patient stands in the log: {told[:5]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def replayed() -> Iterator[Replayed]:
    found = Replayed()
    with pytest.MonkeyPatch.context() as patch:
        found.watch(patch)
        yield found


@pytest.fixture(autouse=True)
def every_decision_replays_identical(replayed: Replayed) -> Iterator[None]:
    yield
    assert replayed.differing() == []


@pytest.fixture(scope="session", autouse=True)
def published_schemas() -> Iterator[None]:
    """Every answer and every discovery document of every test is held to the schemas of CDS Hooks."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assess, "check_answer", holding(assess.check_answer, "response"))
        patched.setattr(hooks, "check_discovery", holding(hooks.check_discovery, "discovery"))
        yield
