"""A strict request is refused for any fault of any of its resources, and told all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from service.intake.collecting import Collection
from service.intake.entries import Entry
from service.intake.validation import all_faults
from service.problems import InvalidResources, Issue

Mode = Literal["lenient", "strict"]
"""A lenient reading leaves out or mends what is not valid and says so; a strict one refuses it."""


def refuse_faults(collection: Collection) -> None:
    """Raises InvalidResources when a resource, or what holds the resources, is not valid FHIR R4."""
    found = [
        Issue(code="structure", sentence=_what_is_wrong(notice.text), expression=notice.reference)
        for notice in collection.notices
        if notice.code == "structure"
    ]
    told = {issue.expression for issue in found}
    for entry in (*collection.containers, *collection.entries):
        found += [issue for issue in _issues(entry) if issue.expression not in told]
    if found:
        raise InvalidResources(sorted(found, key=lambda issue: (issue.expression, issue.sentence)))


def _what_is_wrong(text: str) -> str:
    """The first sentence of a notice; the second says what a lenient reading did about it."""
    return f"{text.partition('. ')[0].removesuffix('.')}."


def _issues(entry: Entry) -> Iterator[Issue]:
    for fault in all_faults(entry.resource):
        element = fault.element.removeprefix(entry.kind).removeprefix(".")
        code = "invalid" if fault.code == "invalid" else "structure"
        yield Issue(code=code, sentence=fault.text, expression=f"{entry.place}.{element}" if element else entry.place)
