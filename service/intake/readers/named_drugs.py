"""Which drug a medication resource is about.

The code decides; a name alone is believed only when there is no code, or, in a draft order, none but one of
a hospital's own list. A combination is each of its drugs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rulesets.drugs import ANTICANCER_CLASSES, CLASSES, FOR_ANOTHER_ILLNESS, NON_ANTICANCER, canonical, class_of
from rulesets.record import READ_FROM_TEXT, Source
from service.intake.chart import Chart
from service.intake.drug_text import named_in
from service.intake.elements import objects, word
from service.intake.entries import Entry

_DENIED = re.compile(
    r"\b(no|not|none|never|without|denies|denied|stopped|discontinued|declined|refused|kein\w*|nicht|ohne|abgesetzt)\b",
    re.IGNORECASE,
)
"""Words by which a text may say that a drug is not taken."""
_KNOWN = frozenset(CLASSES) | NON_ANTICANCER | FOR_ANOTHER_ILLNESS


@dataclass(frozen=True, kw_only=True)
class Drug:
    """A drug by the name it goes by here, and whether its code says that it treats cancer."""

    name: str
    anticancer: bool | None
    source: Source


def drugs_of(chart: Chart, entry: Entry) -> tuple[Drug, ...]:
    """The drugs a medication resource is about: by its code, else by the ingredients, else by its name."""
    resource = entry.resource
    return drugs_in(
        chart, entry, resource.get("medicationCodeableConcept"), resource.get("medicationReference"), "medication"
    )


def drugs_in(chart: Chart, entry: Entry, codeable: object, reference: object, element: str) -> tuple[Drug, ...]:
    """The drugs a concept, or a reference to a Medication, names; ``element`` is where they stand, without the type."""
    named, holder = f"{element}CodeableConcept", entry
    if codeable is None:
        found = chart.find(reference, entry)
        if found is None and isinstance(reference, Mapping):
            shown = f"{element}Reference.display"
            if entry.is_draft and (drafted := _by_text(chart, [(reference.get("display"), shown)], entry)):
                return drafted
            if set(names := _names(reference)) & _KNOWN:
                return _by_the_name(chart, names, str(reference["display"]), entry, shown)
        if found is None or word(found.resource, "status") == "entered-in-error":
            if isinstance(reference, Mapping):
                text = "Its medication is not in the request and could not be told."
                chart.say("unresolved", text, entry, f"{element}Reference")
            return ()
        codeable, named, holder = found.resource.get("code"), "code", found
    named_drugs = _by_code(chart, codeable, holder, named)
    if not named_drugs and holder.kind == "Medication":
        named_drugs = _of_ingredients(chart, holder)
    if not named_drugs and entry.is_draft and chart.is_uncoded("drugs", codeable):
        named_drugs = _by_text(chart, _texts(codeable, named), holder)
    return named_drugs or _by_name(chart, codeable, holder, named)


def _names(reference: Mapping[str, object]) -> tuple[str, ...]:
    """The drugs that the display of a reference names from beginning to end."""
    shown = reference.get("display")
    return canonical(shown) if isinstance(shown, str) and shown.strip() else ()


def _of_ingredients(chart: Chart, medication: Entry) -> tuple[Drug, ...]:
    found: tuple[Drug, ...] = ()
    for position, ingredient in enumerate(objects(medication.resource, "ingredient")):
        if ingredient.get("isActive") is False:
            continue
        item = ingredient.get("itemCodeableConcept")
        inner = chart.find(ingredient.get("itemReference"), medication) if item is None else None
        if inner is not None:
            item = inner.resource.get("code")
        found += _by_code(chart, item, medication, f"ingredient[{position}].itemCodeableConcept")
    return found


def _by_code(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Drug, ...]:
    matches = chart.matches("drugs", codeable, entry, element)
    if any(match.target in FOR_ANOTHER_ILLNESS for match in matches):
        text = "This product treats another illness; it was not read as the cancer drug of the same substance."
        chart.say("other-illness", text, entry, element)
    return tuple(
        Drug(
            name=match.target,
            anticancer=_is_anticancer(match.target),
            source=chart.source(entry, element, match=match, value=match.coding.code),
        )
        for match in matches
    )


def _texts(codeable: object, element: str) -> list[tuple[object, str]]:
    """The texts of a concept, each with the element that holds it."""
    concept = codeable if isinstance(codeable, Mapping) else {}
    shown = [(coding.get("display"), f"{element}.coding.display") for coding in objects(concept, "coding")]
    return [(concept.get("text"), f"{element}.text"), *shown]


def _by_text(chart: Chart, texts: list[tuple[object, str]], entry: Entry) -> tuple[Drug, ...]:
    """The drug that the texts of a draft name, where no code can tell: what its author reads on the screen."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for text, element in sorted((text, element) for text, element in texts if isinstance(text, str)):
        found.setdefault(tuple(sorted(chart.shown_as("drugs", text) or named_in(text))), (text, element))
    found.pop((), None)
    if len(found) > 1:
        chart.say("ambiguous", "Its texts name different drugs, so none of them was read.", entry, texts[0][1])
        return ()
    for names, (text, element) in found.items():
        chart.say("from-text", "The drug has no code known here; its name was read from text.", entry, element)
        source = chart.source(entry, element, value=text[:200], conversion=READ_FROM_TEXT)
        return tuple(Drug(name=name, anticancer=None, source=source) for name in names)
    return ()


def _by_the_name(chart: Chart, names: tuple[str, ...], text: str, entry: Entry, element: str) -> tuple[Drug, ...]:
    """The drugs of a name that stands where no code can, as somebody wrote it."""
    chart.say("from-text", "The drug has no code; its name was read from text.", entry, element)
    source = chart.source(entry, element, value=text, conversion=READ_FROM_TEXT)
    return tuple(Drug(name=name[:200], anticancer=None, source=source) for name in names)


def _is_anticancer(name: str) -> bool | None:
    """What the map says of a drug; of one that protects bone it says neither."""
    drug_class = class_of(name, None)
    return None if drug_class == "antiresorptive" else drug_class in ANTICANCER_CLASSES


def _by_name(chart: Chart, codeable: object, entry: Entry, element: str) -> tuple[Drug, ...]:
    """A drug no code of the map names. The display of an unknown code is shown, never trusted."""
    concept = codeable if isinstance(codeable, Mapping) else {}
    codings = [coding for coding in objects(concept, "coding") if isinstance(coding.get("code"), str)]
    texts = (concept.get("text"), *(one.get("display") for one in codings))
    shown = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    names = canonical(shown) if shown else ()
    if not codings and _DENIED.search(shown) and not set(names) <= _KNOWN:
        chart.say("not-understood", "Its text may deny the drug; it was left out.", entry, f"{element}.text")
        return ()
    if not codings:
        return _by_the_name(chart, names, shown, entry, f"{element}.text") if names else ()
    meant = {match.target: match for match in chart.matches("anticancer", codeable, entry, element)}
    anticancer = True if "anticancer" in meant else False if "not_anticancer" in meant else None
    match = next(iter(meant.values()), None)
    coding = codings[0]
    token = f"{coding.get('system', '')}|{coding['code']}"
    known = [name for name in names if name in CLASSES]
    if known or not shown:
        if known:
            chart.say("unknown-code", "Its code is not known here and its display is not trusted.", entry, element)
        name = token
    else:
        name = names[0]
        if anticancer is None and name not in NON_ANTICANCER:
            chart.say("unknown-code", "Its code is not known here; its class was not told.", entry, element)
    source = chart.source(entry, element, match=match, value=token)
    return (Drug(name=name[:200], anticancer=anticancer, source=source),)
