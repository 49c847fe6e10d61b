"""Whether the traces can be believed, what was erased or is held, and who has looked at them."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Blueprint, Response

from service.house import House
from service.pages.events import ACCESSES, event_rows
from service.traces.browsing import events, events_counted, number_of_records
from service.traces.checkpoints import last_checkpoint
from service.traces.holds import holds_in
from service.traces.verify import ChainReport, verify_chain
from service.web.html_answers import TRACE_ID, Page, parameters

ROWS, NEWEST = 50, 8
COUNTED = ("erasure", "hold", "release", "activation", "configuration", "export", "replay")
"""Kinds of events of which there are few beside decisions."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FILTERS = {
    "after": re.compile(r"[1-9]\d{0,17}"),
    "kind": re.compile("|".join(ACCESSES)),
    "client": re.compile(r".{1,200}"),
    "decision": TRACE_ID,
    "since": _DAY,
    "until": _DAY,
}


def add_to(door: Blueprint, page: Page, house: House) -> None:
    @door.get("/audit/integrity")
    def audit_integrity() -> Response:
        parameters({})
        return integrity(None)

    @door.post("/audit/integrity")
    def audit_verify() -> Response:
        notary = house.store.notary
        return integrity(verify_chain(house.store, verifiers=[notary.signer.verifier] if notary else ()))

    @door.get("/audit/accesses")
    def audit_accesses() -> Response:
        given = parameters(_FILTERS)
        found = events(
            house.store,
            kinds=(given["kind"],) if "kind" in given else ACCESSES,
            client=given.get("client", ""),
            subject=given.get("decision", ""),
            since=given.get("since", ""),
            until=given.get("until", ""),
            after=int(given.get("after", 0)) or None,
            limit=ROWS,
        )
        older = {**given, "after": str(found.next_after)}
        return page(
            "accesses.html",
            here="Accesses",
            given={name: given.get(name, "") for name in _FILTERS},
            kinds=ACCESSES,
            rows=event_rows(found.headers),
            next=f"/audit/accesses?{urlencode(older)}" if found.next_after is not None else "",
        )

    def integrity(report: ChainReport | None) -> Response:
        with house.store.reading() as connection:
            last, holds = last_checkpoint(connection), sum(1 for _ in holds_in(connection))
        notary = house.store.notary
        return page(
            "integrity.html",
            here="Integrity",
            report=report,
            records=number_of_records(house.store),
            counts=events_counted(house.store, COUNTED),
            holds=holds,
            checkpoint=last,
            verifier=str(notary.signer.verifier) if notary else "",
            rows=event_rows(events(house.store, kinds=COUNTED, limit=NEWEST).headers),
        )
