"""What a course of radiotherapy treats: its volumes with their doses, and the place they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.elements import extensions, objects
from service.intake.entries import Entry
from service.intake.quantities import converted, decimal, plain, quantity
from service.intake.references import literal
from service.intake.terminology import Match

_TARGETS: Mapping[str, str] = {
    "bone": "bone", "bone_marrow": "bone", "brain": "brain", "liver": "other", "lung": "other", "breast": "other",
    "chest_wall": "other", "regional_nodes": "other", "distant_nodes": "other", "lymph_nodes": "other",
    "soft_tissue": "other", "other_visceral": "other", "other": "other",
}  # fmt: skip
VOLUME_DOSES = ("dose-delivered-to-volume", "dose-planned-to-volume", "dose-prescribed-to-volume")
FRACTIONS = ("fractions-delivered", "fractions-planned", "fractions-prescribed", "radiotherapy-sessions")


Said = tuple[tuple[str, Source], ...]
"""What several places say of one thing, each with its source."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A treated volume: what names it, where it is, its dose in Gy and its fractions.

    ``techniques`` are its own; None where only the course has one.
    """

    name: str
    dose: tuple[float | int, Source] | None
    fractions: tuple[int, Source] | None
    targets: Said
    regions: Said
    techniques: tuple[tuple[Match, str], ...] | None = None


def volume_extensions(entry: Entry) -> list[Mapping[str, Any]]:
    return extensions(entry.resource, *VOLUME_DOSES) if "extension" in entry.resource else []


def volumes(chart: Chart, entry: Entry) -> list[Volume]:
    found: list[Volume] = []
    given = volume_extensions(entry)
    places = {id(extension): at for at, extension in enumerate(objects(entry.resource, "extension"))}
    names: set[str] = set()
    for position, extension in enumerate(given):
        parts = {str(part.get("url")): part for part in objects(extension, "extension")}
        path = f"extension[{places[id(extension)]}]"
        reference = parts.get("volume", {}).get("valueReference")
        total = _dose(chart, entry, parts.get("totalDoseDelivered") or parts.get("totalDose"), f"{path}.totalDose")
        per_fraction = parts.get("fractionDoseDelivered") or parts.get("fractionDose")
        single = _dose(chart, entry, per_fraction, f"{path}.fractionDose")
        fractions = _whole(chart, entry, parts.get("fractionsDelivered") or parts.get("fractions"), f"{path}.fractions")
        if fractions is None:
            fractions = _reckoned(total, single) or (count(chart, entry) if len(given) == 1 else None)
        structure = chart.find(reference, entry)
        targets, regions = ((), ()) if structure is None else _located(chart, structure, "location")
        name = literal(reference) or (structure.reference if structure is not None else f"volume{position}")
        if name in names:
            name = f"{name}#{position}"  # A boost to a volume that was named already.
        names.add(name)
        found.append(
            Volume(
                name=name,
                dose=total,
                fractions=fractions,
                targets=targets,
                regions=regions,
            )
        )
    return found or _german_volumes(chart, entry)


def _german_volumes(chart: Chart, entry: Entry) -> list[Volume]:
    """Irradiations as the German oncology profile has them: one extension each."""
    found = []
    for position, extension in enumerate(extensions(entry.resource, "strahlentherapie-bestrahlung")):
        parts = {str(part.get("url")): part for part in objects(extension, "extension")}
        total = _dose(chart, entry, parts.get("Gesamtdosis"), "extension.Gesamtdosis")
        single = _dose(chart, entry, parts.get("Einzeldosis"), "extension.Einzeldosis")
        place = parts.get("Zielgebiet", {}).get("valueCodeableConcept")
        delivered = [parts.get(name, {}).get("valueCodeableConcept") for name in ("Applikationsart", "Boost")]
        targets, regions = _sited(chart, place, entry, "extension.Zielgebiet")
        found.append(
            Volume(
                name=f"volume{position}",
                dose=total,
                fractions=_reckoned(total, single),
                targets=targets,
                regions=regions,
                techniques=tuple(
                    (match, "extension")
                    for codeable in delivered
                    for match in chart.matches("radiotherapy-techniques", codeable, entry, "extension")
                ),
            )
        )
    return found


def _dose(
    chart: Chart, entry: Entry, part: Mapping[str, Any] | None, element: str
) -> tuple[float | int, Source] | None:
    given = quantity(part.get("valueQuantity")) if part is not None else None
    if given is None:
        return None
    in_gray = converted(given, "Gy")
    if in_gray is None or given.comparator:
        chart.say("unit", "A dose is a number in Gy or cGy; it was left out.", entry, element)
        return None
    return plain(in_gray[0]), chart.source(entry, element, value=given.lexical, conversion=in_gray[1])


def _whole(chart: Chart, entry: Entry, part: Mapping[str, Any] | None, element: str) -> tuple[int, Source] | None:
    value = next((decimal(part[key]) for key in part if key.startswith("value")), None) if part is not None else None
    if value is None or value != value.to_integral_value():
        return None
    return int(value), chart.source(entry, element, value=str(value))


def count(chart: Chart, entry: Entry) -> tuple[int, Source] | None:
    """The fractions of the whole course; sessions count only where no fractions are told."""
    for ending in FRACTIONS:
        for extension in extensions(entry.resource, ending):
            counted = _whole(chart, entry, extension, "extension")
            if counted is not None:
                return counted
    return None


def _reckoned(
    total: tuple[float | int, Source] | None, single: tuple[float | int, Source] | None
) -> tuple[int, Source] | None:
    if total is None or single is None or not single[0]:
        return None
    number = Decimal(str(total[0])) / Decimal(str(single[0]))
    if number != number.to_integral_value():
        return None
    source = total[1]
    return int(number), Source(
        reference=source.reference, element=source.element, value=source.value, conversion="total / dose per fraction"
    )


def sites(chart: Chart, entry: Entry, bone_code: Match | None) -> Volume:
    """Where a course goes by its body sites, else by its code, else by the metastasis it is given for."""
    targets: Said = ()
    regions: Said = ()
    for position, site in enumerate(objects(entry.resource, "bodySite")):
        more_targets, more_regions = _sited(chart, site, entry, f"bodySite[{position}]")
        targets, regions = targets + more_targets, regions + more_regions
    if not targets and bone_code is not None:
        targets = (("bone", chart.source(entry, "code", match=bone_code)),)
    if not targets:
        targets = of_reasons(chart, entry.resource, entry)
    return Volume(name="", dose=None, fractions=count(chart, entry), targets=targets, regions=regions)


def of_reasons(chart: Chart, holder: Mapping[str, Any], entry: Entry, element: str = "") -> Said:
    """The organ of the metastasis that something is done for; ``holder`` has the reasons and is at ``element``."""
    found: list[tuple[str, Source]] = []
    reasons = [(code, entry, f"{element}reasonCode") for code in objects(holder, "reasonCode")]
    for reference in objects(holder, "reasonReference"):
        reason = chart.find(reference, entry)
        if reason is not None and reason.kind == "Condition":
            reasons += [(reason.resource.get("code") or {}, reason, "code")]
    for codeable, where, path in reasons:
        for match in chart.matches("conditions", codeable, where, path):
            if match.target in ("bone", "brain"):
                found.append((match.target, chart.source(where, path, match=match)))
    return tuple(found)


def _located(chart: Chart, structure: Entry, element: str) -> tuple[Said, Said]:
    return _sited(chart, structure.resource.get(element), structure, element)


def _sited(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Said, Said]:
    """The target organ and the body region of a site."""
    targets = [
        (_TARGETS[match.target], chart.source(entry, element, match=match))
        for match in chart.matches("body-sites", codeable, entry, element)
        if match.target in _TARGETS
    ]
    bones = chart.matches("bone-sites", codeable, entry, element)
    if bones and not targets:
        targets = [("bone", chart.source(entry, element, match=bones[0]))]
    regions = [
        (match.target, chart.source(entry, element, match=match))
        for match in chart.matches("body-regions", codeable, entry, element)
    ]
    return tuple(targets), tuple(regions)
