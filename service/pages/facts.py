"""A fact of a decision as a row: its value, and where it was read, what it was made of, or where it is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.fact_sources import POSITION
from service.pages.members import LISTS
from service.pages.words import day, fact_label, value_in_words
from service.record_json import Json

_GROUPS = {
    "patient": "Patient", "obs": "Patient", "tumour": "Tumour", "mets": "Metastases", "imaging": "Imaging",
    "systemic": "Treatment", "meds": "Treatment", "bone_agent": "Treatment", "mdt": "Treatment",
    "analgesia": "Treatment", "surgery": "Treatment", "context": "Treatment", "imbrication": "Treatment",
    "pattern": "Pattern", "risk": "Pattern", "prognosis": "Prognosis", "dq": "Data quality",
}  # fmt: skip
UNKNOWN_GROUP = "Not known"
GROUP_ORDER = (UNKNOWN_GROUP, *dict.fromkeys(_GROUPS.values()))


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
class Part:
    """A fact another one was made of; without an anchor it is not known."""

    label: str
    value: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class ShownFact:
    """A row. ``state`` is read, computed, unknown or conflict; ``owners`` are the keys of the elements it is of.

    A computed fact names the ``parts`` it was made of, and has the origins of those that were read.
    """

    anchor: str
    name: str
    label: str
    value: str
    group: str
    state: str
    owners: tuple[str, ...] = ()
    date: str = ""
    origins: tuple[Origin, ...] = ()
    parts: tuple[Part, ...] = ()
    expected: str = ""
    used_by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.label}: {self.value}"

    @property
    def is_open(self) -> bool:
        return self.state in ("unknown", "conflict")


@dataclass(frozen=True, kw_only=True)
class FactGroup:
    name: str
    facts: tuple[ShownFact, ...]


def evaluation_day(body: Mapping[str, Any]) -> date | None:
    """The day a decision was made for, None when the body does not say."""
    try:
        return date.fromisoformat(str(plain(body.get("record")).get("evaluationDate")))
    except ValueError:
        return None


def group_of(name: str) -> str:
    prefix = name.partition(".")[0]
    if prefix in _GROUPS:
        return _GROUPS[prefix]
    return next((called for start, called in LISTS.values() if start == prefix), "Other")


def row_of_fact(name: str, said: Json, on: date | None, *, group: str, owners: tuple[str, ...] = ()) -> ShownFact:
    """A fact as a record keeps it. One that was made of others is told so by ``because``, or by having no source."""
    origins = tuple(_origins(said.get("sources") or ()))
    return ShownFact(
        anchor="",
        name=name,
        label=fact_label(name),
        value=value_in_words(name, said.get("value"), on),
        group=group,
        state="computed" if said.get("because") else "read",
        owners=owners,
        date=day(str(said.get("date") or max((each.date for each in origins), default=""))[:10]),
        origins=origins,
    )


def row_of_conflict(said: Json, on: date | None) -> ShownFact:
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


def _origins(sources: Iterable[Any]) -> Iterator[Origin]:
    for source in sources:
        told = {name: str(value) for name, value in plain(source).items() if name in Origin.__dataclass_fields__}
        yield Origin(**{"reference": "", **told})


def in_order(item: tuple[str, object]) -> tuple[int, str]:
    """The key by which facts are sorted as the rulebook lists them."""
    return POSITION.get(item[0], len(POSITION)), item[0]


def plain(value: object) -> Json:
    """A stored object; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}
