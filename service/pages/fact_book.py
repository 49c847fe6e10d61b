"""All facts of one decision, found by what rules say of them: by name, and by the elements they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.fact_sources import POSITION, expected_resource
from service.pages.facts import (
    GROUP_ORDER,
    UNKNOWN_GROUP,
    FactGroup,
    Origin,
    Part,
    ShownFact,
    evaluation_day,
    group_of,
    in_order,
    plain,
    row_of_conflict,
    row_of_fact,
)
from service.pages.members import LISTS, Members
from service.pages.words import fact_label, value_in_words
from service.record_json import Json

MOST_PARTS = 8
Place = tuple[str, tuple[str, ...]]
"""A fact by its name and the keys of the elements it is of."""


class FactBook:
    """Rows are numbered in the order they are added; what a rule names and nobody kept gets a row of its own."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        record = plain(body.get("record"))
        self.on = evaluation_day(body)
        self.members = Members(record)
        self._rows: dict[str, ShownFact] = {}  # by anchor
        self._at: dict[Place, str] = {}
        self._used: dict[str, list[str]] = {}
        self._add_read(record)
        self._add_derived(plain(body.get("derived")))
        self._add_concluded(plain(body.get("result")))

    @property
    def rows(self) -> tuple[ShownFact, ...]:
        return tuple(self._rows.values())

    # --- what was kept -------------------------------------------------------------------------

    def _add_read(self, record: Json) -> None:
        for name, said in sorted(plain(record.get("facts")).items(), key=in_order):
            self._add(row_of_fact(name, plain(said), self.on, group=group_of(name)))
        for conflict in record.get("conflicts") or ():
            self._add(row_of_conflict(plain(conflict), self.on))
        for list_name in LISTS:
            for member in record.get(list_name) or ():
                self._add_of_member(str(plain(member).get("key", "")), list_name, plain(member))

    def _add_of_member(self, key: str, list_name: str, member: Json) -> None:
        title = self.members.title(key, list_name)
        for name, said in sorted(plain(member.get("facts")).items(), key=in_order):
            self._add(row_of_fact(name, plain(said), self.on, group=title, owners=(key,)))

    def _add_derived(self, derived: Json) -> None:
        """Facts made of others, where the trace keeps them with their reasons; older traces do not."""
        because: dict[str, tuple[str, ...]] = {}
        for name, said in sorted(plain(derived.get("facts")).items(), key=in_order):
            because.update(self._add_made(name, plain(said), group_of(name), ()))
        for list_name in LISTS:
            for each in derived.get(list_name) or ():
                key = str(each.get("key", ""))
                for name, said in sorted(plain(each.get("facts")).items(), key=in_order):
                    title = self.members.title(key, list_name)
                    because.update(self._add_made(name, plain(said), title, (key,)))
        for each in derived.get("exposures") or ():
            course, drug = str(each.get("course", "")), str(each.get("drug", ""))
            for name, said in plain(each.get("facts")).items():
                title, owners = self.members.title(drug, "drugs"), tuple(key for key in (course, drug) if key)
                made = self._add_made(name, plain(said), title, owners)
                because.update(made)
                if course:  # tells apart what a drug is to several courses
                    [anchor] = made
                    label = f"Timing around {self.members.title(course, 'courses')}"
                    self._rows[anchor] = replace(self._rows[anchor], label=label)
        for anchor, names in because.items():
            row = self._rows[anchor]
            parts = [part for name in names for part in self._parts(name, row.owners)]
            told = tuple(Part(label=each.label, value=each.value, anchor=each.anchor) for each in parts[:MOST_PARTS])
            self._rows[anchor] = replace(row, parts=told)
        for anchor in because:
            references = dict.fromkeys(self._references(anchor, because, set()))
            origins = tuple(Origin(reference=reference) for reference in references)
            self._rows[anchor] = replace(self._rows[anchor], origins=origins)

    def _add_made(self, name: str, said: Json, group: str, owners: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """The anchor of a derived fact with the names of those it was made of."""
        row = row_of_fact(name, said, self.on, group=group, owners=owners)
        anchor = self._add(replace(row, state="computed")).anchor
        return {anchor: tuple(map(str, said.get("because") or ()))}

    def _parts(self, name: str, owners: tuple[str, ...]) -> list[ShownFact]:
        """The facts of a name that one of some elements was made of: those of the same elements, or of any."""
        theirs = self._at.get((name, self.members.owners_of(name, owners)))
        if theirs is not None:
            return [self._rows[theirs]]
        return [row for row in self.rows if row.name == name]

    def _references(self, anchor: str, because: Mapping[str, Sequence[str]], seen: set[str]) -> Iterator[str]:
        """The resources a fact rests on, through all it was made of."""
        if anchor in seen:
            return
        seen.add(anchor)
        row = self._rows[anchor]
        if anchor not in because:
            yield from (origin.reference for origin in row.origins if origin.reference)
        for name in because.get(anchor, ()):
            for part in self._parts(name, row.owners):
                yield from self._references(part.anchor, because, seen)

    def _add_concluded(self, result: Json) -> None:
        """What the result names: all there is of computed facts in older traces."""
        pattern = {f"pattern.{name}": value for name, value in plain(result.get("pattern")).items()}
        pattern["tumour.subtype"] = pattern.pop("pattern.subtype", None)
        names = {row.name for row in self.rows}
        for name, value in sorted({**pattern, **plain(result.get("derived"))}.items(), key=in_order):
            if value is not None and value != [] and name not in names:
                self._add(self._computed(name, value_in_words(name, value, self.on)))

    def _add(self, row: ShownFact) -> ShownFact:
        row = replace(row, anchor=f"fact-{len(self._rows) + 1}")
        self._rows[row.anchor] = row
        self._at.setdefault((row.name, row.owners), row.anchor)
        return row

    # --- what rules speak of -------------------------------------------------------------------

    def of(self, name: str, value: object, among: Sequence[str] = (), source: str = "") -> ShownFact:
        """The row a rule's reason speaks of; ``among`` are the keys of its elements."""
        if name in LISTS:
            return self._whole_list(name, value)
        owners = self.members.owners_of(name, among)
        said = value_in_words(name, value, self.on)
        if (anchor := self._at.get((name, owners))) is not None and self._rows[anchor].value == said:
            return self._rows[anchor]
        alike = [row for row in self.rows if row.name == name and row.value == said]
        if len(alike) == 1:
            return alike[0]
        references = set(source.split(", ")) - {""}
        read_there = [row for row in alike if references & {origin.reference for origin in row.origins}]
        if read_there:
            return read_there[0]
        origins = tuple(Origin(reference=each) for each in sorted(references))
        return self._add(replace(self._computed(name, said), owners=owners, origins=origins))

    def _whole_list(self, name: str, value: object) -> ShownFact:
        if (anchor := self._at.get((name, ()))) is not None:
            return self._rows[anchor]
        row = self._computed(name, "not sent" if value is None else "empty")
        return self._add(replace(row, label=f"List of {name}", state="unknown" if value is None else "computed"))

    def missing(self, name: str, among: Sequence[str] = ()) -> ShownFact:
        """The row of a fact that is not known, of one element or of the patient."""
        owners = self.members.owners_of(name, among)
        anchor = self._at.get((name, owners))
        if anchor is not None and self._rows[anchor].is_open:
            return self._rows[anchor]
        for row in self.rows:
            if row.name == name and row.state == "conflict":
                return row
        row = replace(self._computed(name, "unknown"), group=UNKNOWN_GROUP, state="unknown", owners=owners)
        return self._add(replace(row, expected=expected_resource(name)))

    def _computed(self, name: str, said: str) -> ShownFact:
        return ShownFact(
            anchor="", name=name, label=fact_label(name), value=said, group=group_of(name), state="computed"
        )

    def note_use(self, row: ShownFact, rule: str) -> None:
        """That a rule rests on a fact, or waits for it."""
        users = self._used.setdefault(row.anchor, [])
        if rule not in users:
            users.append(rule)

    # --- the tables ----------------------------------------------------------------------------

    def groups(self) -> tuple[FactGroup, ...]:
        """The rows in their groups, with the rules that use them; what is not known comes first."""
        found: dict[str, list[ShownFact]] = {}
        for row in self._rows_with_use():
            if row.used_by or row.state != "computed":
                found.setdefault(row.group, []).append(row)
        ranked = sorted(found, key=lambda name: (GROUP_ORDER.index(name) if name in GROUP_ORDER[:5] else 9, name))
        return tuple(FactGroup(name=name, facts=tuple(found[name])) for name in ranked)

    def unused(self) -> FactGroup:
        """What was computed and no rule that is shown speaks of."""
        rows = (row for row in self._rows_with_use() if row.state == "computed" and not row.used_by)
        return FactGroup(name="Computed besides", facts=tuple(rows))

    def _rows_with_use(self) -> list[ShownFact]:
        rows = sorted(self.rows, key=lambda row: POSITION.get(row.name, len(POSITION)))
        return [replace(row, used_by=tuple(self._used.get(row.anchor, ()))) for row in rows]
