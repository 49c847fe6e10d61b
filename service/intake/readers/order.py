"""What is ordered besides drugs: radiotherapy, imaging, radiopharmaceuticals, procedures; and operations on bone.

An order is one of this request. An operation counts as planned when it is ordered here or when an
order for it is still open in the record.
"""

from __future__ import annotations

from rulesets.facts import order, surgery
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members, word
from service.intake.entries import Entry
from service.intake.moments import moment
from service.intake.readers.therapies import is_radiotherapy

_OPEN = frozenset({"active", "on-hold"})
_NOT_ORDERED = frozenset({"option", "proposal"})


def read(chart: Chart) -> None:
    for entry in chart.of("ServiceRequest"):
        _read_operation(chart, entry)
        if entry.in_request and chart.is_valid(entry):
            chart.orders.append(Member(key=entry.reference, facts=members(_facts(chart, entry)), in_request=True))


def _facts(chart: Chart, entry: Entry) -> dict[str, Fact]:
    code = entry.resource.get("code")
    facts: dict[str, Fact] = {}
    if therapies := is_radiotherapy(chart, entry):
        source = chart.source(entry, "code")
        kind = "radiopharmaceutical" if therapies == {"radiopharmaceutical"} else "rt"
        _put(chart, facts, "order.kind", kind, source)
        if kind == "radiopharmaceutical":
            _put(chart, facts, "order.drug_class", "radiopharmaceutical", source)
    elif imaging := chart.matches("imaging", code, entry, "code"):
        source = chart.source(entry, "code", match=imaging[0])
        _put(chart, facts, "order.kind", "imaging", source)
        modality = [match.target for match in imaging if match.target in order.modality.allowed]
        if len(modality) == 1:
            _put(chart, facts, "order.modality", modality[0], source)
    elif procedures := chart.matches("procedures", code, entry, "code"):
        source = chart.source(entry, "code", match=procedures[0])
        _put(chart, facts, "order.kind", "procedure", source)
        if len(procedures) == 1:
            _put(chart, facts, "order.agent", procedures[0].target, source)
    else:
        chart.say("unknown-order", "The code of this order is not known here; its kind was not told.", entry, "code")
    return facts


def _read_operation(chart: Chart, entry: Entry) -> None:
    """An operation on bone that is ordered; what the record has must have been written and be open still."""
    operations = [
        match
        for match in chart.matches("procedures", entry.resource.get("code"), entry, "code")
        if match.target in surgery.type.allowed
    ]
    is_open = word(entry.resource, "status") in _OPEN and word(entry.resource, "intent") not in _NOT_ORDERED
    is_wanted = entry.in_request or (is_open and not chart.is_future(moment(entry.resource.get("authoredOn"))))
    if not operations or not is_wanted or entry.resource.get("doNotPerform") is True or not chart.is_valid(entry):
        return
    for match in operations:
        source = chart.source(entry, "code", match=match, value=match.coding.code)
        chart.state("surgery.planned", True, source)
        chart.state("surgery.type", match.target, source)


def _put(chart: Chart, facts: dict[str, Fact], name: str, value: str, source: Source) -> None:
    if (fact := chart.fact(name, value, source)) is not None:
        facts[name] = fact
