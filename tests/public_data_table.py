"""What is understood of every public example, written down: ``python -m tests.public_data_table``.

A test holds the table. A change of what is understood shows in it line by line, for a reader to judge.
The files are read one by one, and each folder also as one request, as a client would send it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from rulesets.language import Interval, Value
from rulesets.record import Facts, Record
from service.app import FHIR_PROFILES
from service.intake import terminology
from service.intake.reading import Reading, read
from service.intake.terminology import Terminology
from service.intake.unpack import unpack
from service.problems import InvalidResources, Problem
from service.web.json_in import json_in
from tests.support.shared import SHARED

ON = date(2026, 11, 1)
TABLE = Path(__file__).parent / "public_data.json"
DATA = SHARED / "data"
MOST_FAULTS = 3


def documents() -> Iterator[tuple[str, Any]]:
    """Every public example by its name, and after those of a folder all of them together."""
    for folder in sorted(path for path in DATA.iterdir() if path.is_dir()):
        held = []
        for file in sorted(folder.glob("*.json")):
            document = json_in(file.read_bytes(), depth_limit=64)
            held.append(document)
            yield f"{folder.name}/{file.name}", document
        resources = [one for one in held if isinstance(one, dict) and "resourceType" in one]
        if len(resources) > 1 and not folder.name.startswith("synthea"):
            yield f"{folder.name}/", resources


def readings_of(document: Any, known: Terminology) -> list[Reading]:
    """Raises the problems of unpacking."""
    return [read(patient, known, ON) for patient in unpack(document)]


def row(document: Any, known: Terminology) -> dict[str, Any]:
    """What is understood of a document, what was remarked, and what a strict request is told."""
    try:
        readings = readings_of(document, known)
    except Problem as problem:
        return {"refused": type(problem).__name__, "strict": faults_of(document)}
    told = Counter(notice.code for reading in readings for notice in reading.notices)
    became = Counter(account.outcome for reading in readings for account in reading.accounts)
    return {
        "facts": [line for reading in readings for line in lines_of(reading, several=len(readings) > 1)],
        "resources": dict(sorted(became.items())),
        "warnings": dict(sorted(told.items())),
        "strict": faults_of(document),
    }


def faults_of(document: Any) -> list[str]:
    """The faults for which a strict request is refused; only the first of many."""
    try:
        unpack(document, mode="strict")
    except InvalidResources as refusal:
        told = [f"{issue.expression}: {issue.sentence}" for issue in refusal.issues]
        more = [f"and {len(told) - MOST_FAULTS} more"] if len(told) > MOST_FAULTS else []
        return [*told[:MOST_FAULTS], *more]
    except Problem as problem:
        return [type(problem).__name__]
    return []


def lines_of(reading: Reading, *, several: bool) -> Iterator[str]:
    """The facts of one patient, a line for each and for each member of a list."""
    record: Record = reading.record
    whose = f"{reading.patient}: " if several else ""
    for name, fact in record.facts.items():
        yield f"{whose}{name} = {_value(fact.value)}"
    for conflict in record.conflicts:
        yield f"{whose}{conflict.name} = {' or '.join(map(_value, conflict.values))}, in dispute"
    for members in (record.lesions or (), record.drugs or (), record.courses, record.orders):
        for member in members:
            yield f"{whose}{_member(member.facts)}"


def _member(facts: Facts) -> str:
    element = next(iter(facts), "nothing").partition(".")[0]
    said = [f"{name.partition('.')[2]} {_value(fact.value)}" for name, fact in facts.items()]
    return f"{element}: {', '.join(said)}"


def _value(value: Value) -> str:
    if isinstance(value, Interval):
        return f"{'' if value.lo is None else value.lo}..{'' if value.hi is None else value.hi}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def table() -> dict[str, dict[str, Any]]:
    known = terminology.load(FHIR_PROFILES)
    return {name: row(document, known) for name, document in documents()}


if __name__ == "__main__":
    TABLE.write_text(json.dumps(table(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
