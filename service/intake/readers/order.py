"""What this request orders besides drugs: radiotherapy, imaging, radiopharmaceuticals, procedures."""

from __future__ import annotations

from rulesets.facts import order
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.readers.therapies import is_radiotherapy


def read(chart: Chart) -> None:
    for entry in chart.of("ServiceRequest"):
        if not entry.in_request or not chart.is_valid(entry):
            continue
        code = entry.resource.get("code")
        imaging = chart.matches("imaging", code, entry, "code")
        therapies = is_radiotherapy(chart, entry)
        source = chart.source(entry, "code", match=imaging[0] if imaging else None)
        facts: dict[str, Fact] = {}
        if therapies:
            kind = "radiopharmaceutical" if therapies == {"radiopharmaceutical"} else "rt"
            _put(chart, facts, "order.kind", kind, source)
            if kind == "radiopharmaceutical":
                _put(chart, facts, "order.drug_class", "radiopharmaceutical", source)
        elif imaging:
            _put(chart, facts, "order.kind", "imaging", source)
            modality = [match.target for match in imaging if match.target in order.modality.allowed]
            if len(modality) == 1:
                _put(chart, facts, "order.modality", modality[0], source)
        else:
            chart.say(
                "unknown-order", "The code of this order is not known here; its kind was not told.", entry, "code"
            )
        chart.orders.append(Member(key=entry.reference, facts=members(facts), in_request=True))


def _put(chart: Chart, facts: dict[str, Fact], name: str, value: str, source: Source) -> None:
    if (fact := chart.fact(name, value, source)) is not None:
        facts[name] = fact
