"""DiagnosticReport: metastases that its coded conclusion states; its results are observations of their own.

A conclusion drawn from tissue of a metastasis shows that a biopsy has confirmed it.
"""

from __future__ import annotations

from rulesets.facts import mets
from service.intake.chart import Chart
from service.intake.elements import objects, word
from service.intake.moments import observed
from service.intake.readers.findings import DISTANT, ORGANS
from service.intake.readers.origins import is_of_metastasis

_USED = frozenset({"final", "amended", "corrected", "appended", "preliminary", "partial"})


def read(chart: Chart) -> None:
    for entry in chart.of("DiagnosticReport"):
        resource = entry.resource
        concluded = [
            (match, position)
            for position, concept in enumerate(objects(resource, "conclusionCode"))
            for match in chart.matches("conditions", concept, entry, f"conclusionCode[{position}]")
            if match.target in DISTANT
        ]
        if not concluded or word(resource, "status") not in _USED or not chart.is_valid(entry):
            continue
        at, element = observed(resource)
        if chart.is_future(at):
            chart.say("future", "It is dated after the evaluation date; it was left out.", entry, element)
            continue
        is_final = resource["status"] not in ("preliminary", "partial")
        for match, position in concluded:
            source = chart.source(entry, f"conclusionCode[{position}]", match=match, at=at, value=match.coding.code)
            chart.state("mets.status", "confirmed" if is_final else "suspected", source, at)
            if match.target in ORGANS and is_final:
                chart.state(f"mets.organ.{ORGANS[match.target]}", "present", source, at)
            if is_final and objects(resource, "specimen") and is_of_metastasis(chart, entry):
                chart.state(mets.biopsy.name, "confirmed", source, at)
