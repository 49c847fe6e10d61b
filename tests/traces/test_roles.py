"""The roles the README gives: the service can add and nothing else, and nobody but the owner can touch a header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from service.problems import StoreUnavailable
from service.traces.erasure import erase
from service.traces.holds import Subject, place_hold, release_hold
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from service.traces.tokens import TokenMemory
from service.traces.verify import verify_chain
from tests.traces.test_tokens import ISSUER, SOON
from tests.traces.traces import AT, notary, trace, trace_id

README = Path(__file__).parents[2] / "service" / "traces" / "README.md"
FIRST = Subject(about="decision", name=trace_id(1))


@pytest.fixture(scope="module")
def given_roles() -> list[str]:
    """The statements, whose roles belong to the whole server: they are made with the first database."""
    [block] = re.findall(r"```sql\n(.*?)```", README.read_text(), re.DOTALL)
    return [statement.strip() for statement in block.split(";") if statement.strip()]


@pytest.fixture
def roles(postgresql_url: str, given_roles: list[str]) -> Iterator[dict[str, TraceStore]]:
    """A store opened as each of the two roles."""
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        there = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
        for statement in given_roles:
            if not (statement.startswith("CREATE ROLE") and statement.split()[2] in there):
                connection.execute(text(statement))
    stores = {
        role: open_store(postgresql_url.replace("//postgres:", f"//osteon_{role}:"), notary(every=2))
        for role in ("service", "keeper")
    }
    yield stores
    for store in stores.values():
        store.close()
    engine.dispose()


def test_the_service_can_keep_sign_and_remember_tokens(roles: dict[str, TraceStore], postgresql_url: str) -> None:
    service = roles["service"]
    migrate(postgresql_url.replace("//postgres:", "//osteon_service:"))  # as at each start

    for number in range(1, 4):
        service.keep(trace(number))

    assert TokenMemory(service)(ISSUER, "ab" * 32, SOON)
    assert service.ready()
    report = verify_chain(service)
    assert report.holds and report.checkpoints > 0


@pytest.mark.parametrize("role", ["service", "keeper"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trace_header SET outcome = 'refused'",
        "DELETE FROM trace_header",
        "TRUNCATE trace_header CASCADE",
        "ALTER TABLE trace_header DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "UPDATE trace_body SET salt = packed",
        "DELETE FROM trace_checkpoint",
        "DROP TABLE trace_rule",
    ],
)
def test_neither_can_touch_what_was_kept(roles: dict[str, TraceStore], role: str, statement: str) -> None:
    roles["service"].keep(trace(1))

    with pytest.raises(ProgrammingError), roles[role].engine.begin() as connection:
        connection.execute(text(statement))


def test_the_service_can_erase_nothing_and_the_keeper_can(roles: dict[str, TraceStore]) -> None:
    roles["service"].keep(trace(1))

    with pytest.raises(StoreUnavailable):
        erase(roles["service"], FIRST, ground="patient-request", id="erasure", at=AT)
    assert place_hold(roles["keeper"], FIRST, id="hold", at=AT)
    assert release_hold(roles["keeper"], FIRST, id="release", at=AT)
    done = erase(roles["keeper"], FIRST, ground="patient-request", id="erasure", at=AT)
    assert (done.bodies, done.overwritten) == (1, False)  # only the owner may vacuum

    assert verify_chain(roles["service"]).holds
