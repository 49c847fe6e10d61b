"""The facts a card rests on, as one table that leads back to the FHIR resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rulesets.facts import patient, prognosis
from rulesets.record import Fact, Facts, Member, Record, Source
from rulesets.rule import Rule
from rulesets.words import ORGANS, label, listed
from service.cards import text as card_text
from service.cards.questions import about
from service.cards.relevance import (
    elements_by_kind,
)
from service.cards.text import capitalised, escaped, in_words
from service.fact_sources import POSITION, STEPS
from service.reasoning.findings import Firing

MOST_FACT_ROWS = 12
MOST_SOURCES = 3
NO_ORDER = ("order.kind", "none")


@dataclass(frozen=True, kw_only=True, order=True)
class Row:
    """A line of the table; those the advice rests on come first, then what these were made of."""

    behind: bool
    position: int
    called: str
    value: str
    dated: str
    origin: str
    organ: str = ""


def facts_table(firings: Iterable[Firing], record: Record) -> str:
    """One row per fact: what, value, date, where from; derived facts followed to those they were made of."""
    rows: dict[tuple[object, ...], Row] = {}
    for firing in firings:
        of = elements_by_kind(firing.rule, firing.elements)
        for fact, behind in _facts_to_show(firing, of, record):
            row = _row(fact, behind, of, record)
            key = (row.position, row.called, row.value, row.dated, row.origin)
            rows[key] = min(row, rows.get(key, row))
    ordered = _organs_together(sorted(rows.values()))
    if not ordered:
        return ""
    lines = ["| fact | value | date | from |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.called} | {row.value} | {row.dated} | {row.origin} |" for row in ordered[:MOST_FACT_ROWS]]
    if len(ordered) > MOST_FACT_ROWS:
        lines.append(f"| +{len(ordered) - MOST_FACT_ROWS} more in the trace | | | |")
    return "\n".join(lines)


def _row(fact: Fact, behind: bool, of: Mapping[str, Member], record: Record) -> Row:
    owner = _owner(fact, of, record)
    alone = owner is not None and record.courses == (owner,)
    whose = "" if alone or fact.name == "drug.name" else about(fact.name, owner)
    return Row(
        behind=behind,
        position=position_of(fact.name),
        called=capitalised(label(fact.name)) + (f" ({escaped(whose)})" if whose else ""),
        value=in_words(fact.name, fact.value, record.evaluation_date),
        dated=date_of(fact),
        origin=origin_of(fact),
        organ=fact.name if fact.value == "absent" and len(fact.sources) == 1 and not fact.because else "",
    )


def _organs_together(rows: list[Row]) -> list[Row]:
    """Organs that one resource calls free of metastases share a row."""
    together: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.organ in ORGANS:
            together.setdefault((row.dated, row.origin.partition(",")[0]), []).append(row)
    merged = []
    for row in rows:
        group = together.get((row.dated, row.origin.partition(",")[0]), []) if row.organ in ORGANS else []
        if len(group) < 2:
            merged.append(row)
        elif row is group[0]:
            called = f"Metastases in {listed([ORGANS[one.organ] for one in group], 'or')}"
            origin = f"{row.origin.partition(',')[0]} ({len(group)} elements)"
            merged.append(replace(row, called=called, origin=origin))
    return merged


def _facts_to_show(firing: Firing, of: Mapping[str, Member], record: Record) -> Iterable[tuple[Fact, bool]]:
    """The facts of a firing, and whether each stands behind one that is shown; mere steps are left out."""
    found = _with_reasons(firing.because, of, record)
    unnamed = _names_never_shown(record)
    left_out = {
        fact.name
        for fact in found.values()
        if any(name in found for name in fact.because) and _is_a_step(fact, found, firing.rule)
    }
    named = set()
    waiting = [fact.name for fact in firing.because]
    while waiting:
        name = waiting.pop()
        if name in named or name not in found:
            continue
        named.add(name)
        if name in left_out:
            waiting += found[name].because
    for fact in found.values():
        nobody = (fact.name == "drug.name" and fact.value in unnamed) or (fact.name, fact.value) == NO_ORDER
        if fact.name not in left_out and not nobody:
            yield fact, fact.name not in named


def _is_a_step(fact: Fact, found: Mapping[str, Fact], rule: Rule) -> bool:
    """Whether a derived fact adds nothing to its reasons, or is what the card says anyway."""
    if fact.name in STEPS or (fact.name.startswith("dq.") and isinstance(fact.value, bool)):
        return True
    if fact.name == prognosis.group.name:
        return rule.group in ("prognosis", "pathway", "dq")
    same = (found[name] for name in fact.because if name in found)
    return any(reason.name.startswith(f"{fact.name}_") and reason.value == fact.value for reason in same)


def _with_reasons(facts: Iterable[Fact], of: Mapping[str, Member], record: Record) -> dict[str, Fact]:
    """The facts and, behind a derived one, those it was made of, each once, by name."""
    found: dict[str, Fact] = {}
    waiting = list(facts)
    while waiting:
        fact = waiting.pop(0)
        if fact.name in found:
            continue
        found[fact.name] = fact
        waiting += [made for name in fact.because if (made := _fact_named(name, of, record)) is not None]
    return found


def _fact_named(name: str, of: Mapping[str, Member], record: Record) -> Fact | None:
    for member in of.values():
        if (fact := _facts_by_name(member, of, record).get(name)) is not None:
            return fact
    return record.facts.get(name)


def _owner(fact: Fact, of: Mapping[str, Member], record: Record) -> Member | None:
    """The drug, course or lesion a fact belongs to: of those the rule speaks of, else the only one that has it."""
    kind = fact.name.partition(".")[0].replace("rt", "course")
    member = of.get(kind)
    if member is not None:
        return member
    listed = {"drug": record.drugs, "course": record.courses, "lesion": record.lesions}.get(kind) or ()
    owners = [one for one in listed if _facts_by_name(one, {**of, kind: one}, record).get(fact.name) == fact]
    return owners[0] if len(owners) == 1 else None


def _facts_by_name(member: Member, of: Mapping[str, Member], record: Record) -> Facts:
    course, drug = of.get("course"), of.get("drug")
    if course is not None and member is drug and (pair := record.exposures.get((course.key, drug.key))):
        return {**member.facts, **pair}
    return member.facts


def _names_never_shown(record: Record) -> set[str]:
    """Names of drugs that are no cancer drugs: no card speaks of them."""
    return {
        card_text.drug_name(drug)
        for drug in record.drugs or ()
        if card_text.text_of(drug.facts, "drug.drug_class") == "non_anticancer"
    }


def position_of(name: str) -> int:
    return POSITION.get(name, len(POSITION))


def date_of(fact: Fact) -> str:
    """The day of a fact; for the age it would be the date of birth, which no card shows."""
    if patient.age_years.name in (fact.name, *fact.because):
        return ""
    if fact.date is not None:
        return fact.date.isoformat()
    return escaped(max((source.date for source in fact.sources), default="")[:10]) if fact.sources else ""


def origin_of(fact: Fact) -> str:
    """The resources a fact was read from; for a derived one the facts, which have rows of their own."""
    if fact.because:
        names = list(dict.fromkeys(label(name) for name in fact.because if name not in STEPS))
        names = names or [label(name) for name in fact.because]
        return f"from {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}"
    places = sorted({place_of(source) for source in fact.sources})
    more = f" (+{len(places) - MOST_SOURCES} more)" if len(places) > MOST_SOURCES else ""
    return "; ".join(places[:MOST_SOURCES]) + more or "computed"


def place_of(source: Source) -> str:
    element = source.element.removeprefix(source.reference.partition("/")[0] + ".")
    said = source.reference + (f", {element}" if element else "")
    return escaped(said) + (f" ({escaped(source.conversion)})" if source.conversion else "")
