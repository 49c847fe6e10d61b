"""A store as the first release left it: revision 0001, and headers of schema version 1 with what hung on them."""

from __future__ import annotations

import hashlib
import zlib

from alembic import command
from sqlalchemy import text

from service.canonical import dumps
from service.traces.database import database_url, engine_for, is_sqlite, writing
from service.traces.migrate import _config, _make_file

SALT = b"s" * 32


def first_store(url: str, records: int) -> list[str]:
    """Makes it, and returns the leaves of its records."""
    parsed = database_url(url)
    if is_sqlite(parsed):
        _make_file(parsed)
    engine = engine_for(parsed, wait_ms=2000)
    leaves = ["0" * 64]
    with writing(engine).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for seq in range(1, records + 1):
            body, rules = dumps({"facts": [{"value": seq}]}), [["prognosis.good", "fired"], ["r.two", "undetermined"]]
            header = first_header(seq) | {
                "prev_hash": leaves[-1],
                "body_commitment": hashlib.sha256(SALT + body).hexdigest(),
                "rules_commitment": hashlib.sha256(SALT + dumps(rules)).hexdigest(),
            }
            leaves.append(hashlib.sha256(b"\x00" + dumps(header)).hexdigest())
            columns = ("seq", "id", "kind", "decided_at", "hook", "hook_instance", "rulebook", "patient_key", "outcome", "prev_hash")  # fmt: skip
            stored = {name: header[name] for name in columns} | {
                "leaf_hash": leaves[-1],
                "header": dumps(header).decode(),
            }
            names = ", ".join(stored)
            values = ", ".join(f":{name}" for name in stored)
            connection.execute(text(f"INSERT INTO trace_header ({names}) VALUES ({values})"), stored)
            connection.execute(
                text("INSERT INTO trace_body VALUES (:seq, :salt, :packed)"),
                {"seq": seq, "salt": SALT, "packed": zlib.compress(body, 1)},
            )
            for rule, outcome in rules:
                connection.execute(
                    text("INSERT INTO trace_rule VALUES (:seq, :rule, :outcome)"),
                    {"seq": seq, "rule": rule, "outcome": outcome},
                )
    engine.dispose()
    return leaves[1:]


def first_header(seq: int) -> dict[str, object]:
    """The fields a header of the first release had."""
    return {
        "schema_version": 1,
        "seq": seq,
        "id": f"01900000-0000-7000-8000-{seq:012x}",
        "kind": "hook",
        "decided_at": f"2026-01-31T09:30:{seq:02}.000000Z",
        "hook": "order-sign",
        "hook_instance": "6c1f0000-0000-4000-8000-000000000001",
        "service_version": "0.1.0",
        "rulebook": "11" * 32,
        "thresholds": "22" * 32,
        "terminology": "33" * 32,
        "evaluation_date": "2026-01-31",
        "request_digest": "44" * 32,
        "patient_key": "ab" * 32,
        "outcome": "success",
        "counts": {"fired": 1, "undetermined": 1, "cards": 1, "notices": 0},
    }
