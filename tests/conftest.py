"""Under CI=true everything is at hand, so a test that is skipped there has failed.

Properties are tried on the same examples in every run; ``make soak`` tries more, and others each time.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from service import assess
from service.web import hooks
from tests.support.published_schemas import holding

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "100"))

settings.register_profile(
    "osteon",
    max_examples=EXAMPLES,
    derandomize="SOAK_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("osteon")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def published_schemas() -> Iterator[None]:
    """Every answer and every discovery document of every test is held to the schemas of CDS Hooks."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assess, "check_answer", holding(assess.check_answer, "response"))
        patched.setattr(hooks, "check_discovery", holding(hooks.check_discovery, "discovery"))
        yield
