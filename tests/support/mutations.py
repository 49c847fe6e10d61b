"""Documents to read, none of them as anybody meant it: real ones with their structure changed, and made up ones.

Everything drawn is an index or a choice, so that a failing document shrinks to the change that matters.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from service.canonical import loads
from tests.support.shared import files_in

Json = Any
Place = tuple[Any, ...]
PROFILES = Path(__file__).parents[2] / "fhir_profiles"
STORIES = Path(__file__).parents[1] / "stories"
MOST_ENTRIES = 25
"""Of a long life the first ones do: what is cut off would only be slow."""

ODD: tuple[Json, ...] = (
    None, True, 0, -1, 1.5, 10**12, "", " ", "x", "2026", "YYYY-MM-DD", "2026-10-20T10:00:00", "2026-10-20T24:00:00Z",
    [], {}, [None], [[]], [1], {"coding": "x"}, {"coding": {"code": "x"}}, {"coding": [1]}, {"reference": 1},
    {"reference": "#"}, {"reference": "Patient/p1"}, {"value": "1"}, {"start": "2027", "end": "2020"}, '{"coding": []}',
    {"extension": [{"url": "x", "_valueString": {}}]}, "a_b", "final", "entered-in-error", "refuted", "é\u0301\u200b",
)  # fmt: skip
"""What may stand where something else belongs."""
ODD_DAYS = (
    "", "2026", "2026-10", "2026-02-30", "YYYY-MM-DD", "2026-10-20T10:00:00", "2026-10-20T24:00:00Z", "2026-10-20T10:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2016-12-31T23:59:60Z", "2030-01-01", "31.12.2020",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 0.1, 10**15, True, "1", None, 2**31, 1e-300)
ODD_WORDS = ("", " ", "final", "entered-in-error", "refuted", "draft", "not-taken", "a b", "é\u0301\u200b", "x" * 300)
NAMES = (
    "status", "code", "valueString", "valueQuantity", "valueInteger", "valueCodeableConcept", "subject", "patient",
    "extension", "contained", "component", "resourceType", "id", "interpretation", "effectiveDateTime", "_status",
    "focus", "meta", "doNotPerform", "intent", "medicationReference", "bodySite", "abatementDateTime", "entry",
)  # fmt: skip
TELLING = frozenset({
    "status", "intent", "birthDate", "effectiveDateTime", "onsetDateTime", "performedDateTime", "authoredOn", "start",
    "end", "code", "system", "value", "unit", "reference", "subject", "verificationStatus", "clinicalStatus", "component",
    "valueInteger", "valueQuantity", "valueCodeableConcept", "valueString", "medicationCodeableConcept", "extension",
})  # fmt: skip
"""Elements by which something is told; every other change is one of them."""


# --- where documents come from --------------------------------------------------------------------------


@cache
def documents() -> tuple[str, ...]:
    """Documents as texts: the stories, charts that take every way of reading, and the public examples that are there."""
    from tests.intake.charts import CHARTS

    found: list[Json] = [
        json.loads((folder / "bundle.json").read_text()) for folder in sorted(STORIES.iterdir()) if folder.is_dir()
    ]
    found += CHARTS
    for name in (
        "mcode-ig-4.0.0", "mcode-testing-ig-preSTU3", "icaredata", "ccrr-ig", "genomics-reporting-3.0.0",
        "mii-patho-transcribed", "synthea-2019-breast", "mcode-extraction-framework",
    ):  # fmt: skip
        for path in files_in(f"data/{name}"):
            document = loads(path.read_bytes())
            if isinstance(document, dict) and document.get("resourceType") == "Bundle":
                document["entry"] = document.get("entry", [])[:MOST_ENTRIES]
                found.append(document)
    for name in ("mii-onko-kds-german", "codex-radiation-therapy-2.0.0"):
        resources = [loads(path.read_bytes()) for path in files_in(f"data/{name}")][:MOST_ENTRIES]
        if resources:
            entries = [{"resource": one} for one in resources]
            found.append({"resourceType": "Bundle", "type": "collection", "entry": entries})
    return tuple(json.dumps(one) for one in found)


def real() -> st.SearchStrategy[Json]:
    return st.sampled_from(documents()).map(json.loads)


@cache
def codings() -> tuple[tuple[str, str], ...]:
    """Every code the concept maps know, by its system."""
    found = []
    for path in sorted((PROFILES / "conceptmaps").glob("*.json")):
        for group in json.loads(path.read_text())["group"]:
            found += [(group["source"], element["code"]) for element in group["element"]]
    return tuple(found)


def concepts() -> st.SearchStrategy[Json]:
    one = st.sampled_from(codings()).map(lambda pair: {"system": pair[0], "code": pair[1]})
    return st.lists(one, min_size=1, max_size=2).map(lambda each: {"coding": each})


DAYS = ("2010-01-01", "2026", "2026-09", "2026-10-20", "2026-10-31T08:00:00Z", "2026-11-02", "2030-01-01")
UNITS = ("g/dL", "g/L", "mmol/L", "cm", "mm", "%", "1", "kg", "cGy", "Gy", "furlong", "")
STATUSES = (
    "final", "preliminary", "amended", "active", "completed", "stopped", "on-hold", "draft", "intended", "in-progress",
    "not-done", "not-taken", "cancelled", "entered-in-error", "unknown", "bogus",
)  # fmt: skip


@st.composite
def made(draw: st.DrawFn) -> Json:
    """A bundle of resources that are sound in form, of any code, status, date and value."""
    count = draw(st.integers(1, 6))
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": draw(st.sampled_from(DAYS))}
    resources = [patient, *(draw(_resource(at)) for at in range(count))]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


@st.composite
def _resource(draw: st.DrawFn, at: int) -> Json:
    kind = draw(st.sampled_from(tuple(_MAKERS)))
    resource = {"resourceType": kind, "id": f"r{at}", "subject": {"reference": "Patient/p1"}}
    return resource | _MAKERS[kind](draw, at)


def _reference(draw: st.DrawFn, at: int) -> Json:
    kind = draw(st.sampled_from(tuple(_MAKERS)))
    return {"reference": f"{kind}/r{draw(st.integers(0, at))}"}


def _condition(draw: st.DrawFn, at: int) -> Json:
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    verification = draw(st.sampled_from(("confirmed", "provisional", "refuted", "entered-in-error", "bogus")))
    clinical = draw(st.sampled_from(("active", "resolved", "remission", "bogus")))
    return {
        "code": draw(concepts()),
        "verificationStatus": {"coding": [{"system": f"{status}ver-status", "code": verification}]},
        "clinicalStatus": {"coding": [{"system": f"{status}clinical", "code": clinical}]},
        "onsetDateTime": draw(st.sampled_from(DAYS)),
        **({"bodySite": [draw(concepts())]} if draw(st.booleans()) else {}),
    }


def _value(draw: st.DrawFn) -> Json:
    number = draw(st.sampled_from((0, 1, 2, 3.5, 11, 110, 6.8, -4)))
    quantity = {"value": number, "unit": draw(st.sampled_from(UNITS))}
    return draw(
        st.sampled_from(
            (
                {"valueCodeableConcept": draw(concepts())}, {"valueQuantity": quantity}, {"valueInteger": int(number)},
                {"valueString": draw(st.sampled_from(("positive", "3+", "80 %", "no evidence", "G2")))},
                {"valueBoolean": draw(st.booleans())}, {"valueRange": {"low": quantity}}, {},
            )
        )
    )  # fmt: skip


def _observation(draw: st.DrawFn, at: int) -> Json:
    parts = [{"code": draw(concepts()), **_value(draw)} for _ in range(draw(st.integers(0, 2)))]
    return {
        "status": draw(st.sampled_from(STATUSES)),
        "code": draw(concepts()),
        "effectiveDateTime": draw(st.sampled_from(DAYS)),
        **_value(draw),
        **({"component": parts} if parts else {}),
        **({"focus": [_reference(draw, at)]} if draw(st.booleans()) else {}),
    }


def _medication(draw: st.DrawFn, at: int) -> Json:
    return {
        "status": draw(st.sampled_from(STATUSES)),
        "intent": draw(st.sampled_from(("order", "plan", "proposal"))),
        "medicationCodeableConcept": draw(concepts()),
        "authoredOn": draw(st.sampled_from(DAYS)),
    }


def _statement(draw: st.DrawFn, at: int) -> Json:
    period = {"start": draw(st.sampled_from(DAYS)), "end": draw(st.sampled_from(DAYS))}
    concept = draw(concepts())
    return {"status": draw(st.sampled_from(STATUSES)), "medicationCodeableConcept": concept, "effectivePeriod": period}


def _therapy(draw: st.DrawFn, at: int) -> Json:
    return {
        "status": draw(st.sampled_from(STATUSES)),
        "code": draw(concepts()),
        "performedDateTime": draw(st.sampled_from(DAYS)),
        **({"bodySite": [draw(concepts())]} if draw(st.booleans()) else {}),
        **({"partOf": [_reference(draw, at)]} if draw(st.booleans()) else {}),
    }


def _order(draw: st.DrawFn, at: int) -> Json:
    return {"status": draw(st.sampled_from(STATUSES)), "intent": "order", "code": draw(concepts())}


_MAKERS: dict[str, Any] = {
    "Condition": _condition, "Observation": _observation, "MedicationRequest": _medication,
    "MedicationStatement": _statement, "Procedure": _therapy, "ServiceRequest": _order,
}  # fmt: skip


# --- what is done to them ---------------------------------------------------------------------------------


def places(node: Json, path: Place = ()) -> Iterator[Place]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def at(document: Json, place: Place) -> Json:
    for step in place:
        document = document[step]
    return document


@st.composite
def mutated(draw: st.DrawFn, documents: st.SearchStrategy[Json], most: int = 4) -> Json:
    """A document with a few changes of its structure."""
    document = draw(documents)
    for _ in range(draw(st.integers(1, most))):
        there = list(places(document))
        if there:
            _change(draw, document, there)
    return document


def _change(draw: st.DrawFn, document: Json, there: list[Place]) -> None:
    telling = [place for place in there if place[-1] in TELLING]
    chosen = telling if telling and draw(st.booleans()) else there
    place = chosen[draw(st.integers(0, len(chosen) - 1))]
    holder, key = at(document, place[:-1]), place[-1]
    match draw(st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10))):
        case 0:
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        case 9 if isinstance(holder[key], str | int | float):
            holder[key] = draw(st.sampled_from(_alike(holder[key])))
        case 1:
            del holder[key]
        case 2:
            holder[key] = [holder[key]]
        case 3:
            holder[key] = holder[key][0] if isinstance(holder[key], list) and holder[key] else {"x": holder[key]}
        case 4:
            holder[key] = json.dumps(holder[key])
        case 5:
            other = there[draw(st.integers(0, len(there) - 1))]
            holder[key] = copy.deepcopy(at(document, other))
        case 6 if isinstance(holder, list):
            holder.insert(0, copy.deepcopy(holder[key]))
        case 7 if isinstance(holder, dict):
            holder[draw(st.sampled_from(NAMES))] = holder.pop(key)
        case 8 if isinstance(holder, dict):
            holder[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(st.sampled_from(ODD)))
        case _ if isinstance(holder[key], str):
            holder[key] = draw(st.sampled_from((holder[key] + " ", holder[key].upper(), holder[key][:-1])))


def _alike(value: Json) -> tuple[Json, ...]:
    """Odd values of the sort of a sound one."""
    if not isinstance(value, str):
        return ODD_NUMBERS
    return ODD_DAYS if value[:3].isdigit() and value[4:5] in ("", "-") else ODD_WORDS
