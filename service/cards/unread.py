"""What could not be read, told on the card of questions: silence must not pass for nothing to say.

Told where the patient concerns this service, or may do so because the diagnoses are what is missing; a
hospital whose server is down would otherwise be told so on the chart of every patient.
"""

from __future__ import annotations

from rulesets.facts import drug, mets, tumour
from rulesets.record import Record
from service.cards.text import authored, is_true
from service.intake.notices import DECEASED, DIED
from service.prefetch.keys import DIAGNOSES
from service.reasoning.findings import Conclusion

DIED_SUMMARY = "The record says that the patient has died: no advice is given on what is ordered"
UNREAD, NOT_OFFERED = "unread", "not-offered"
SUMMARY = "Part of the record was not available: advice may be missing"


def unread_at(conclusion: Conclusion, *, has_advice: bool) -> tuple[str, ...]:
    """The sentences on what could not be read, if they are to be told; ``has_advice`` when something else is."""
    told = [notice for notice in conclusion.notices if notice.code in (UNREAD, NOT_OFFERED)]
    hidden = any(notice.code == UNREAD and DIAGNOSES in notice.element.split(", ") for notice in told)
    concerned = has_advice or hidden or _concerns_us(conclusion.record)
    return tuple(notice.text for notice in told) if concerned else ()


def has_died(conclusion: Conclusion) -> bool:
    """Whether the record says that the patient is dead, and nothing but that was read of it."""
    return any(notice.code == DECEASED for notice in conclusion.notices)


def summary_of(conclusion: Conclusion) -> str:
    return DIED_SUMMARY if has_died(conclusion) else SUMMARY


def unread_lines(sentences: tuple[str, ...]) -> list[str]:
    """The sentences as Markdown, with what they mean for the advice."""
    if not sentences:
        return []
    if sentences == (DIED,):
        return [authored(DIED)]
    lines = [f"- {authored(sentence)}" for sentence in sentences]
    return ["Advice may be missing that rests on what was not available:", "", *lines]


def _concerns_us(record: Record) -> bool:
    """Whether the record holds a breast cancer, metastases, radiotherapy or a drug against cancer."""
    return (
        record.value(tumour.is_breast_primary.name) is True
        or record.value(mets.status.name) in ("suspected", "confirmed")
        or bool(record.courses)
        or any(is_true(each.facts, drug.anticancer.name) for each in record.drugs or ())
    )
