"""How radiotherapy is delivered: by its codes, and stereotactic by its dose where no code says how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from rulesets.facts import rt
from rulesets.record import Fact, Source
from rulesets.thresholds import ALPHA_BETA_GY, SBRT_MIN_BED10, SBRT_MIN_FRACTION_GY, Threshold
from service.intake.chart import Chart
from service.intake.elements import extensions
from service.intake.readers.prescriptions import technique_in_words
from service.intake.readers.therapies import Techniques, Therapy, technique_codes

_STEREOTACTIC = frozenset({"SBRT", "SRS"})
_NO_BEAM = frozenset({"brachytherapy", "radiopharmaceutical"})


def one_technique(chart: Chart, therapy: Therapy, techniques: Techniques) -> Fact | None:
    """The technique, by codes or else by the words of a draft; a stereotactic one counts, whatever delivers it."""
    entry = therapy.entry
    found: dict[str, Source] = {
        match.target: chart.source(entry, element, match=match, value=match.coding.code)
        for match, element in techniques
    } or technique_in_words(chart, entry)
    stereotactic = sorted(_STEREOTACTIC & found.keys())
    named = stereotactic if len(stereotactic) == 1 else sorted(found)
    if len(named) > 1:
        chart.say("ambiguous", "It names several techniques, so the technique is unknown.", entry, "extension")
    if len(named) != 1:
        return None
    return chart.fact(rt.technique.name, named[0], found[named[0]])


def technique_by_dose(chart: Chart, therapy: Therapy, facts: Mapping[str, Fact]) -> Fact | None:
    """Stereotactic by the dose to bone where no code tells a technique: no guide for radiotherapy has one for it.

    ``facts`` are those of one volume.
    """
    total, fractions, target = (facts.get(name.name) for name in (rt.total_dose_gy, rt.fractions, rt.target))
    if total is None or fractions is None or target is None or target.value != "bone":
        return None
    if rt.technique.name in facts or not _is_uncoded(chart, therapy):
        return None
    dose, number = Decimal(str(total.value)), Decimal(str(fractions.value))
    each = dose / number
    effective = dose * (1 + each / _decimal(chart, ALPHA_BETA_GY))
    if each < _decimal(chart, SBRT_MIN_FRACTION_GY) or effective < _decimal(chart, SBRT_MIN_BED10):
        return None
    said = total.sources[0]
    conversion = f"SBRT by {each.normalize():f} Gy a fraction"
    source = replace(said, conversion="; ".join(part for part in (said.conversion, conversion) if part))
    chart.say("by-dose", "No code tells the technique; by its dose it was read as SBRT.", therapy.entry, "extension")
    return chart.fact(rt.technique.name, "SBRT", source)


def _is_uncoded(chart: Chart, therapy: Therapy) -> bool:
    """Whether no code says how the beam is delivered, and none that it is no external beam."""
    resource = therapy.entry.resource
    if therapy.techniques or therapy.kinds & _NO_BEAM:
        return False
    if any(codeable is not None for codeable, _ in technique_codes(resource)):
        return False
    modalities = [
        inner.get("valueCodeableConcept")
        for extension in extensions(resource, "radiotherapy-modality-and-technique")
        for inner in extensions(extension, "radiotherapy-modality")
    ]
    modalities += [one.get("valueCodeableConcept") for one in extensions(resource, "radiotherapy-modality")]
    return not any(
        chart.targets("radiotherapy-procedures", modality, therapy.entry, "extension")
        & {"brachytherapy", "radiopharmaceutical"}
        for modality in modalities
    )


def _decimal(chart: Chart, threshold: Threshold) -> Decimal:
    return Decimal(str(chart.thresholds.number(threshold)))
