"""What was understood of a request, for whoever sends it: the facts with their sources, and what was not used.

It says nothing of what follows from the facts. The same document is given beside a result and printed by
``osteon facts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulesets.record import Record
from service.intake.accounting import of_no_patient
from service.intake.accounts import Account, Reason
from service.intake.reading import Reading
from service.record_json import Json, record_as_json


def understanding_of(record: Record, accounts: Iterable[Account]) -> Json:
    """The record of a patient as it was read, the resources it rests on, and every other one with a reason."""
    told = tuple(accounts)
    return {
        "facts": record_as_json(record),
        "used": [account.reference for account in told if account.outcome == "used"],
        "ignored": ignored_as_json(told),
    }


def ignored_of_no_patient(readings: Sequence[Reading]) -> list[Json]:
    """The resources of a request that belong to none of its several patients; of one patient, none."""
    if len(readings) < 2:
        return []
    told = [account for reading in readings for account in reading.accounts]
    return ignored_as_json(of_no_patient(readings[0].chart.resources.contents, told))


def ignored_as_json(accounts: Iterable[Account]) -> list[Json]:
    return [
        {
            "resource": account.reference,
            "place": account.place,
            "outcome": account.outcome,
            "reasons": [_reason(reason) for reason in account.reasons],
        }
        for account in accounts
        if account.outcome != "used"
    ]


def _reason(reason: Reason) -> Json:
    told = {"code": reason.code, "text": reason.text, "element": reason.element, "coding": reason.coding}
    return {name: said for name, said in told.items() if said}
