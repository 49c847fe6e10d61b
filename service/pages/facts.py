"""The facts of a decision as rows: what was read and from where, what was computed, what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rulesets.facts import FACTS
from service.fact_sources import POSITION, expected_resource
from service.pages.words import capital, choice_in_words, day, fact_label, value_in_words
from service.record_json import Json

LISTS: Mapping[str, tuple[str, str]] = {
    "lesions": ("lesion", "Lesion"),
    "drugs": ("drug", "Drug"),
    "courses": ("rt", "Radiotherapy"),
    "orders": ("order", "Order"),
}
"""Lists of a record: the prefix of their facts, and what one element is called."""

_GROUPS = {
    "patient": "Patient", "obs": "Patient", "tumour": "Tumour", "mets": "Metastases", "imaging": "Imaging",
    "systemic": "Treatment", "meds": "Treatment", "bone_agent": "Treatment", "mdt": "Treatment",
    "analgesia": "Treatment", "surgery": "Treatment", "context": "Treatment", "imbrication": "Treatment",
    "pattern": "Pattern", "risk": "Pattern", "prognosis": "Prognosis", "dq": "Data quality",
}  # fmt: skip
UNKNOWN_GROUP = "Not known"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One place a fact was read from; what is not known of it is empty."""

    reference: str
    element: str = ""
    date: str = ""
    code: str = ""
    value: str = ""
    conversion: str = ""


@dataclass(frozen=True, kw_only=True)
class ShownFact:
    """A row. ``state`` is read, computed, unknown or conflict; ``member`` is the key of the element it belongs to."""

    anchor: str
    name: str
    label: str
    value: str
    group: str
    state: str
    member: str = ""
    date: str = ""
    origins: tuple[Origin, ...] = ()
    made_of: tuple[str, ...] = ()
    expected: str = ""
    used_by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.label}: {self.value}"


@dataclass(frozen=True, kw_only=True)
class FactGroup:
    name: str
    facts: tuple[ShownFact, ...]


class FactBook:
    """All facts of one decision, found by what rules say of them. Rows are numbered in the order they are added."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        record = _object(body.get("record"))
        self.on = evaluation_day(body)
        self.rows: list[ShownFact] = []
        self._used: dict[str, list[str]] = {}
        for name, said in sorted(_object(record.get("facts")).items(), key=_position):
            self._add(_row(name, _object(said), self.on, group=group_of(name)))
        for conflict in record.get("conflicts") or ():
            self._add(_conflict(_object(conflict), self.on))
        for key in LISTS:
            for place, member in enumerate(record.get(key) or ()):
                facts = _object(_object(member).get("facts"))
                called = member_title(key, place, facts)
                for name, said in sorted(facts.items(), key=_position):
                    self._add(
                        replace(_row(name, _object(said), self.on, group=called), member=str(member.get("key", "")))
                    )
        self._add_derived(_object(body.get("derived")))
        result = _object(body.get("result"))
        pattern = {f"pattern.{name}": value for name, value in _object(result.get("pattern")).items()}
        pattern["tumour.subtype"] = pattern.pop("pattern.subtype", None)
        computed = {**pattern, **_object(result.get("derived"))}
        for name, value in sorted(computed.items(), key=_position):
            if value is not None and value != [] and not any(row.name == name for row in self.rows):
                self._add(
                    ShownFact(
                        anchor="",
                        name=name,
                        label=fact_label(name),
                        value=value_in_words(name, value, self.on),
                        group=group_of(name),
                        state="computed",
                    )
                )

    def _add_derived(self, derived: Json) -> None:
        """Facts made of others, where the trace keeps them with their reasons; older traces do not."""
        for name, said in sorted(_object(derived.get("facts")).items(), key=_position):
            self._add(_row(name, _object(said), self.on, group=group_of(name), is_derived=True))
        owners = [(str(each.get("key", "")), each) for key in LISTS for each in derived.get(key) or ()]
        owners += [(str(each.get("drug", "")), each) for each in derived.get("exposures") or ()]
        for owner, each in owners:
            for name, said in sorted(_object(each.get("facts")).items(), key=_position):
                row = _row(name, _object(said), self.on, group=self._group_of_member(owner, name), is_derived=True)
                self._add(replace(row, member=owner))

    def _group_of_member(self, key: str, name: str) -> str:
        return next((row.group for row in self.rows if key and row.member == key), group_of(name))

    def _add(self, row: ShownFact) -> ShownFact:
        row = replace(row, anchor=f"fact-{len(self.rows) + 1}")
        self.rows.append(row)
        return row

    def of(self, name: str, value: object, source: str = "", element: str = "") -> ShownFact:
        """The row a rule's reason speaks of; a computed fact that stands nowhere else gets a row of its own."""
        said, places = value_in_words(name, value, self.on), {*source.split(", "), *element.split(" + ")}
        alike = [row for row in self.rows if row.name == name and row.value == said]
        theirs = [row for row in alike if row.member in places and row.member]
        found = theirs or ([row for row in alike if not row.member or len(alike) == 1])
        if found:
            return found[0]
        origins = tuple(Origin(reference=each) for each in source.split(", ") if each)
        return self._add(
            ShownFact(
                anchor="",
                name=name,
                label=fact_label(name),
                value=said,
                group=group_of(name),
                state="computed",
                origins=origins,
            )
        )

    def missing(self, name: str, element: str = "") -> ShownFact:
        """The row of a fact that is not known, of one element or of the patient."""
        whose = element if (fact := FACTS.get(name)) is not None and fact.element is not None else ""
        for row in self.rows:
            if row.name == name and row.state in ("unknown", "conflict") and row.member in ("", whose):
                return row
        return self._add(
            ShownFact(
                anchor="",
                name=name,
                label=fact_label(name),
                value="unknown",
                group=UNKNOWN_GROUP,
                state="unknown",
                member=whose,
                expected=expected_resource(name),
            )
        )

    def note_use(self, row: ShownFact, rule: str) -> None:
        """That a rule rests on a fact, or waits for it."""
        users = self._used.setdefault(row.anchor, [])
        if rule not in users:
            users.append(rule)

    def groups(self) -> tuple[FactGroup, ...]:
        """The rows in their groups, with the rules that use them; what is not known comes first."""
        found: dict[str, list[ShownFact]] = {}
        for row in self._rows_with_use():
            if row.used_by or row.state != "computed":
                found.setdefault(row.group, []).append(row)
        order = [UNKNOWN_GROUP, *dict.fromkeys(_GROUPS.values())]
        ranked = sorted(found, key=lambda name: (order.index(name) if name in order[:5] else 9, name))
        return tuple(FactGroup(name=name, facts=tuple(found[name])) for name in ranked)

    def unused(self) -> FactGroup:
        """What was computed and no rule that is shown speaks of."""
        rows = (row for row in self._rows_with_use() if row.state == "computed" and not row.used_by)
        return FactGroup(name="Computed besides", facts=tuple(rows))

    def _rows_with_use(self) -> list[ShownFact]:
        rows = sorted(self.rows, key=lambda row: POSITION.get(row.name, len(POSITION)))
        return [replace(row, used_by=tuple(self._used.get(row.anchor, ()))) for row in rows]


def evaluation_day(body: Mapping[str, Any]) -> date | None:
    """The day a decision was made for, None when the body does not say."""
    try:
        return date.fromisoformat(str(_object(body.get("record")).get("evaluationDate")))
    except ValueError:
        return None


def group_of(name: str) -> str:
    prefix = name.partition(".")[0]
    if prefix in _GROUPS:
        return _GROUPS[prefix]
    return next((called for start, called in LISTS.values() if start == prefix), "Other")


def member_title(key: str, place: int, facts: Mapping[str, Any]) -> str:
    """``Drug: olaparib``, ``Radiotherapy: pelvis``, ``Lesion 2``."""
    _, called = LISTS[key]
    for name in ("drug.name", "rt.region", "rt.target", "lesion.site", "order.kind"):
        if isinstance(value := _object(facts.get(name)).get("value"), str):
            return f"{called} {place + 1}: {value if name == 'drug.name' else choice_in_words(value)}"
    return f"{called} {place + 1}"


def _row(name: str, said: Json, on: date | None, *, group: str, is_derived: bool = False) -> ShownFact:
    origins = tuple(_origins(said.get("sources") or ()))
    made_of = tuple(fact_label(str(each)) for each in said.get("because") or ())
    return ShownFact(
        anchor="",
        name=name,
        label=fact_label(name),
        value=value_in_words(name, said.get("value"), on),
        group=group,
        state="computed" if made_of or is_derived else "read",
        date=day(str(said.get("date") or max((each.date for each in origins), default=""))[:10]),
        origins=origins,
        made_of=made_of,
    )


def _origins(sources: Iterable[Any]) -> Iterator[Origin]:
    for source in sources:
        told = {name: str(value) for name, value in _object(source).items() if name in Origin.__dataclass_fields__}
        yield Origin(**{"reference": "", **told})


def _conflict(said: Json, on: date | None) -> ShownFact:
    name = str(said.get("name", ""))
    values = [value_in_words(name, value, on) for value in said.get("values") or ()]
    return ShownFact(
        anchor="",
        name=name,
        label=fact_label(name),
        value=f"sources disagree: {' or '.join(values)}",
        group=UNKNOWN_GROUP,
        state="conflict",
        origins=tuple(_origins(said.get("sources") or ())),
    )


def _position(item: tuple[str, object]) -> tuple[int, str]:
    return POSITION.get(item[0], len(POSITION)), item[0]


def _object(value: object) -> Json:
    """A stored object; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}


def names_in_words(names: Sequence[str]) -> str:
    """Facts by their labels: ``Age, HER2``."""
    return capital(", ".join(fact_label(name) for name in names))
