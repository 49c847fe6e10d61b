"""What became of each resource of a request: used, ignored for a reason, or not valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.intake.entries import Entry

Outcome = Literal["used", "ignored", "invalid"]


@dataclass(frozen=True, kw_only=True, order=True)
class Reason:
    """Why nothing was read: a code, a sentence, and where known the element and the coding that decided."""

    code: str
    text: str
    element: str = ""
    coding: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class Account:
    """One resource: the name it goes by, its place in the request, and what became of it."""

    reference: str
    place: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What was left out before any patient was read; without an entry when it is no resource at all."""

    account: Account
    entry: Entry | None = None


def left_out(entry: Entry, code: str, text: str, element: str = "") -> LeftOut:
    """A resource that is ignored, for one reason."""
    path = f"{entry.kind}.{element}" if element else ""
    reason = Reason(code=code, text=text, element=path)
    name = entry.reference or _name(entry)
    return LeftOut(
        account=Account(reference=name, place=entry.place, outcome="ignored", reasons=(reason,)), entry=entry
    )


def no_resource(place: str, text: str) -> LeftOut:
    """Something that stands where a resource belongs and is none."""
    reason = Reason(code="structure", text=text)
    return LeftOut(account=Account(reference=place, place=place, outcome="invalid", reasons=(reason,)))


def _name(entry: Entry) -> str:
    name = entry.resource.get("id")
    return f"{entry.kind}/{name}" if isinstance(name, str) and name else entry.full_url or entry.place
