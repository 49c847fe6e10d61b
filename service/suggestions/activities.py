"""What a suggestion can offer: one activity per action, as the ActivityDefinitions of fhir_profiles define it. Pure.

An activity either makes a new draft, from a template that lacks only the patient, or changes a
resource that is there already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from rulesets.rule import Action
from service.record_json import Json

Kind = Literal["ServiceRequest", "MedicationRequest", "CarePlan", "Task"]
Anchor = Literal["start-of-treatment", "end-of-radiotherapy"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """When an activity is due, in days from a day of the treatment; None is open, and an open start is today."""

    counted_from: Anchor
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """An element and the value it gets: added to an element that is a list, where it displaces ``instead_of``."""

    element: str
    value: Json | str
    instead_of: tuple[Json | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dose:
    """A dose in so many fractions, to the volume an order has, or to a further ``volume`` by its name."""

    total_gy: Decimal
    fractions: int
    volume: str = ""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One thing that can be offered.

    ``canonical`` is url and version of its definition. ``template`` is the new draft; an activity
    without one ``changes`` what is there: it sets elements, doses and a technique, unless a text
    of the changed resource says what ``unless_said`` finds, and would contradict it. ``means`` are
    the kinds of imaging it stands for, in our own codes. ``refers`` says that somebody is asked to
    see the patient.
    """

    kind: Kind
    canonical: str
    template: Json = field(default_factory=dict)
    window: Window | None = None
    means: frozenset[str] = frozenset()
    refers: bool = False
    settings: tuple[Setting, ...] = ()
    doses: tuple[Dose, ...] = ()
    technique: Json | None = None
    unless_said: re.Pattern[str] | None = None

    @property
    def changes(self) -> bool:
        return not self.template

    @property
    def counts_from_the_end(self) -> bool:
        return self.window is not None and self.window.counted_from == "end-of-radiotherapy"


Activities = Mapping[Action, Activity]

PRIORITIES = ("routine", "urgent", "asap", "stat")
"""Of a request, the least pressing first."""

LISTS = frozenset({"category", "orderDetail"})
"""The elements a definition may set that are lists."""
