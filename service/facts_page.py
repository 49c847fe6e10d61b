"""The page of facts: for each open fact where it is read from, by which codes, and how to send it by itself.

Made from the facts, the declarations beside the readers and the concept maps; nothing in it is
written by hand but the sentences around the tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from rulesets.facts import FACTS
from rulesets.language import FactType, NumberFact
from service.fact_resources import ELEMENTS, FACT_SYSTEM, SHAPES, UCUM, VALUE_SYSTEM, allowed_values, shape_of
from service.intake.readers.feeds import FEEDS, MEDICATION_RESOURCES, UNREAD, Feed

MOST_CODES = 12
"""Codes of one system that are printed; where there are more, the map is named instead."""

_POLYMORPHIC = {"value": "value[x]", "performed": "performed[x]", "effective": "effective[x]"}

Maps = Mapping[str, Mapping[str, Any]]


def facts_page(folder: Path) -> str:
    """The page as Markdown; ``folder`` is ``fhir_profiles``."""
    maps = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "conceptmaps").glob("*.json"))
    }
    return "\n".join([*_introduction(), *_facts(), *_answers(maps), *_unread()]) + "\n"


def _introduction() -> Iterator[str]:
    yield "# Facts, and how to send them"
    yield ""
    yield "Made by `make docs` from `rulesets/facts.py`, `service/intake/readers/feeds/` and the concept maps."
    yield ""
    yield "Each fact is read from the standard resources named beside it. One that has none, or that a clinician knows"
    yield "better, is sent as an Observation with the name of the fact as its code. No `meta.profile` is needed."
    yield ""
    yield "| shape | element of the value | profile |"
    yield "|---|---|---|"
    for shape, elements in SHAPES.items():
        sent = " or ".join(f"`{element}`" for element in elements)
        yield f"| {shape} | {sent} | [fact-{shape}](profiles/fact-{shape}.json) |"
    yield ""
    yield f"The code is of the system `{FACT_SYSTEM}`, and a choice has its value from `{VALUE_SYSTEM}`. A day is a"
    yield "date, or a number of days from when it was observed. An interval is a number, a Range with one end or both,"
    yield 'a quantity with a comparator, or words such as "at least 3" and "multiple" (two or more). Leave out what is'
    yield "not known. A value that a fact cannot have is left out, and that is told."
    yield ""
    yield "Facts of something else than the patient say of what:"
    yield ""
    for element, how in ELEMENTS.items():
        yield f"- `{element}`: {how[0].lower()}{how[1:]} ([{element}-facts](profiles/{element}-facts.json))."
    yield ""


# --- the facts -------------------------------------------------------------------------------------


def _facts() -> Iterator[str]:
    """The facts topic by topic, in the order they are declared."""
    names = [name for name, fact in FACTS.items() if fact.world == "open"]
    for topic, same in groupby(names, key=lambda name: name.rpartition(".")[0]):
        yield f"## {topic}"
        yield ""
        yield "| fact | meaning | sent as | read from |"
        yield "|---|---|---|---|"
        for name in same:
            read = "<br>".join(_read(feed) for feed in FEEDS if name in feed.facts)
            yield f"| `{name}` | {FACTS[name].meaning} | {_sent(FACTS[name])} | {read} |"
        yield ""


def _sent(fact: FactType) -> str:
    values = allowed_values(fact)
    if values:
        return f"choice: {', '.join(f'`{value}`' for value in values)}"
    unit = UCUM[fact.unit] if isinstance(fact, NumberFact) and shape_of(fact) != "day" else "1"
    return shape_of(fact) if unit == "1" else f"{shape_of(fact)} in {unit}"


def _read(feed: Feed) -> str:
    elements = ", ".join(f"`{_POLYMORPHIC.get(element, element)}`" for element in feed.elements)
    is_medication = set(feed.resources) >= set(MEDICATION_RESOURCES)
    resources = "Medication resources" if is_medication else ", ".join(feed.resources)
    said = [f"{resources}: {elements}"]
    if feed.by in _BY_ANSWER:
        said.append(f"code of {', '.join(f'[{target}](#{feed.by}-{target})' for target in feed.targets)}")
    elif feed.by:
        targets = f" {', '.join(f'`{target}`' for target in feed.targets)}" if feed.targets else ""
        said.append(f"by [{feed.by}](#map-{feed.by}){targets}")
    if feed.of_drafts:
        said.append("by the words of a draft order" if feed.words else "of a draft order")
    if feed.values:
        said.append(f"value by {', '.join(f'[{value}](#map-{value})' for value in feed.values)}")
    return "; ".join([*said, feed.says] if feed.says else said)


_BY_ANSWER = ("observations",)
"""Maps of questions: each answer is a heading of its own."""


# --- the codes -------------------------------------------------------------------------------------


def _answers(maps: Maps) -> Iterator[str]:
    yield "# Codes"
    yield ""
    yield f"Of each system up to {MOST_CODES} codes are printed; the maps have them all. After a code, `…` means that"
    yield "longer codes count too."
    yield ""
    for name in _used_maps():
        yield f"## Map {name}"
        yield ""
        yield f"{maps[name]['description']} ([{name}.json](conceptmaps/{name}.json))"
        yield ""
        by_answer = _by_answer(maps[name])
        if name in _BY_ANSWER:
            for answer, systems in by_answer.items():
                yield f"### {name} {answer}"
                yield ""
                yield from (f"- {system}: {codes}" for system, codes in systems.items())
                yield ""
            continue
        yield "| answer | codes |"
        yield "|---|---|"
        for answer, systems in by_answer.items():
            yield f"| `{answer}` | {'<br>'.join(f'{system}: {codes}' for system, codes in systems.items())} |"
        yield ""


def _used_maps() -> list[str]:
    return sorted({feed.by for feed in FEEDS if feed.by} | {value for feed in FEEDS for value in feed.values})


def _by_answer(concept_map: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The codes of each answer, by system."""
    found: dict[str, dict[str, list[str]]] = {}
    for group in concept_map["group"]:
        for element in group["element"]:
            for target in element["target"]:
                if "code" in target:
                    shown = element["code"] + ("…" if "extension" in element else "")
                    found.setdefault(target["code"], {}).setdefault(group["source"], []).append(shown)
    return {
        answer: {f"`{system}`": _shown(codes) for system, codes in found[answer].items()} for answer in sorted(found)
    }


def _shown(codes: list[str]) -> str:
    listed = ", ".join(codes[:MOST_CODES])
    return listed if len(codes) <= MOST_CODES else f"{listed} and {len(codes) - MOST_CODES} more"


def _unread() -> Iterator[str]:
    yield "# Codes that are known and feed no fact"
    yield ""
    yield "| answer | why |"
    yield "|---|---|"
    for answer, why in sorted(UNREAD.items()):
        yield f"| `{answer}` | {why} |"
