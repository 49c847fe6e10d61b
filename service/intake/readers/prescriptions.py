"""What a draft order of radiotherapy prescribes, in the elements and words in which systems let it be written.

Elements count before words, and words never against them: a text that differs is told. Two elements that
differ leave a number unknown, and so do two prescriptions in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.record import READ_FROM_TEXT, Source
from service.intake.chart import Chart
from service.intake.dose_text import mentions_a_dose, prescriptions
from service.intake.elements import objects
from service.intake.entries import Entry
from service.intake.order_words import (
    INTENTS,
    REGIONS,
    TARGETS,
    TECHNIQUES,
    Text,
    Vocabulary,
    code_words,
    detail_texts,
    said_in,
    site_texts,
    wanted_now,
)
from service.intake.quantities import converted, decimal, plain, quantity
from service.intake.readers.volumes import Said, Volume, count

_FRACTION_UNITS = frozenset({"fraction", "fractions", "fx", "session", "sessions"})

Dose = tuple[float | int, Source]
Count = tuple[int, Source]


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """Total dose in Gy and number of fractions of one course, each with its source; None when unknown."""

    dose: Dose | None
    fractions: Count | None


def prescription(chart: Chart, entry: Entry, volume: Volume | None) -> Prescription:
    """The dose of a draft; ``volume`` is what its extensions say of the one volume there is."""
    dose_told, count_told = _quantity(chart, entry)
    doses = [told for told in (volume.dose if volume else None, dose_told) if told is not None]
    in_volume = volume.fractions if volume else count(chart, entry)
    counts = [told for told in (in_volume, count_told, _repeated(chart, entry)) if told is not None]
    dose = _agreed(chart, entry, "dose", doses)
    fractions = _agreed(chart, entry, "number of fractions", counts)
    texts = _texts(entry)
    stated = {one: text for text in sorted(texts) for one in sorted(prescriptions(text[0]), reverse=True)}
    if len(stated) > 1:
        chart.say("ambiguous", "Its text states several prescriptions, so none of them was read.", entry, "note")
    elif not stated:
        if (not doses or not counts) and any(mentions_a_dose(text) for text, _ in texts):
            chart.say("not-read", "Its text speaks of a dose that cannot be read without doubt.", entry, "note")
    else:
        ((in_gray, number), text), *_ = stated.items()
        written = plain(in_gray)
        if (doses and (dose is None or dose[0] != written)) or (
            counts and (fractions is None or fractions[0] != number)
        ):
            chart.say("conflict", "Its text states another dose than its elements, which count.", entry, text[1])
        else:
            source = _source(chart, entry, text)
            dose, fractions = dose or (written, source), fractions or (number, source)
            if not doses or not counts:
                _tell(chart, entry, text)
    return Prescription(dose=dose, fractions=fractions)


def _agreed(chart: Chart, entry: Entry, called: str, told: list[Any]) -> Any:
    if len({value for value, _ in told}) > 1:
        chart.say("conflict", f"Its elements name several values of the {called}, which is therefore unknown.", entry)
        return None
    return told[0] if told else None


def _quantity(chart: Chart, entry: Entry) -> tuple[Dose | None, Count | None]:
    """A quantity ordered: a total dose when it is in Gy or cGy, fractions when it counts them."""
    sent = entry.resource.get("quantityQuantity")
    given = quantity(sent)
    if given is None or not isinstance(sent, Mapping):
        return None, None
    in_gray = None if given.comparator else converted(given, "Gy")
    if in_gray is not None:
        source = chart.source(entry, "quantityQuantity", value=given.lexical, conversion=in_gray[1])
        return (plain(in_gray[0]), source), None
    units = {str(sent.get(key, "")).strip().strip("{}").lower() for key in ("code", "unit")} - {""}
    if units and units <= _FRACTION_UNITS and not given.comparator and given.value == given.value.to_integral_value():
        return None, (int(given.value), chart.source(entry, "quantityQuantity", value=given.lexical))
    chart.say("unit", "A quantity of radiotherapy is a dose in Gy or cGy, or a number of fractions.", entry, "quantity")
    return None, None


def _repeated(chart: Chart, entry: Entry) -> Count | None:
    """The number of times the treatment is to be repeated."""
    for timing in objects(entry.resource, "occurrenceTiming"):
        for repeat in objects(timing, "repeat"):
            times = decimal(repeat.get("count"))
            if times is not None and times == times.to_integral_value() and "countMax" not in repeat:
                return int(times), chart.source(entry, "occurrenceTiming.repeat.count", value=str(times))
    return None


# --- words -------------------------------------------------------------------------------------------------


def technique_in_words(chart: Chart, entry: Entry) -> dict[str, Source]:
    return _in_words(chart, entry, TECHNIQUES, _texts(entry))


def intent_in_words(chart: Chart, entry: Entry) -> dict[str, Source]:
    return _in_words(chart, entry, INTENTS, _texts(entry))


def site_in_words(chart: Chart, entry: Entry, *, has_target: bool, has_region: bool) -> tuple[Said, Said]:
    """Target and region of a draft by the words of its body site, else of its code and its notes."""
    places: list[tuple[Text, ...]] = [site_texts(entry), _texts(entry)]
    targets: dict[str, Source] = {}
    regions: dict[str, Source] = {}
    for texts in places:
        targets = targets or ({} if has_target else _in_words(chart, entry, TARGETS, texts))
        regions = regions or ({} if has_region else _in_words(chart, entry, REGIONS, texts))
    return tuple(targets.items()), tuple(regions.items())


def _in_words(chart: Chart, entry: Entry, vocabulary: Vocabulary, texts: tuple[Text, ...]) -> dict[str, Source]:
    found = said_in(vocabulary, texts, parts=wanted_now)
    for text in found.values():
        _tell(chart, entry, text)
    return {word: _source(chart, entry, text) for word, text in sorted(found.items())}


def _texts(entry: Entry) -> tuple[Text, ...]:
    return (*code_words(entry), *detail_texts(entry))


def _source(chart: Chart, entry: Entry, text: Text) -> Source:
    return chart.source(entry, text[1], value=text[0][:200], conversion=READ_FROM_TEXT)


def _tell(chart: Chart, entry: Entry, text: Text) -> None:
    chart.say("from-text", "No element tells it; it was read from text.", entry, text[1])
