"""When the disease spread and what came back first: days from the primary, onset, first event.

A condition tells since when a metastasis is known. A result tells only that there was one by then: the
days to it count when it was found with the primary, or after a word that there were none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rulesets.facts import mets, tumour
from rulesets.thresholds import DE_NOVO_MAX_DAYS
from service.intake.chart import Chart, Statement
from service.intake.elements import objects
from service.intake.moments import Moment
from service.intake.readers.condition import Conditions
from service.intake.readers.findings import DISTANT, Finding, source_of
from service.intake.readers.follow_up import ELSEWHERE, LOCAL, REGIONAL, SOFT_TISSUE, SOMEWHERE, Event
from service.intake.readers.primary import first_day


def read(chart: Chart, conditions: Conditions, of_results: list[Event]) -> None:
    """States what can be told; ``of_results`` is what results say has come back."""
    metastases = [one for one in conditions.findings if one.targets & DISTANT and not one.tentative]
    _read_days(chart, conditions.primary, [one for one in metastases if one.onset is not None])
    events = [*_of_conditions(chart, conditions), *of_results]
    _read_first_event(chart, events)
    _read_onset(chart, events)


# --- days ------------------------------------------------------------------------------------------------


def _read_days(chart: Chart, primary: Finding | None, metastases: list[Finding]) -> None:
    """Days from the diagnosis of the breast cancer to that of the first distant metastasis."""
    if primary is None or primary.onset is None:
        return
    metastasis = min(metastases, key=first_day, default=None)
    if not _tells(chart, primary) or (metastasis is not None and not _tells(chart, metastasis)):
        return
    if metastasis is not None and metastasis.onset == primary.onset and _is_entered(primary, metastasis):
        text = "Both conditions have the same date of entry, which does not tell when they began."
        chart.say("imprecise", text, metastasis.entry, "recordedDate")
        return
    seen = _first_seen(chart, primary.onset, None if metastasis is None else metastasis.onset)
    if seen is not None:
        spread, source = seen.when, seen.facts[0].sources[0]
    elif metastasis is not None:
        spread = metastasis.onset
        source = chart.source(metastasis.entry, metastasis.onset_element, at=spread, value=_text(spread))
    else:
        return
    begun, last = primary.onset.day, None if spread is None else spread.day
    if begun is None or last is None:
        text = "The dates of the primary and the metastasis are not precise enough to tell the days between them."
        chart.say_of(source, "imprecise", text)
        return
    for one in (primary, *([metastasis] if metastasis is not None and seen is None else [])):
        if one.onset_element == "recordedDate":
            text = "The date of entry was taken for the date of diagnosis."
            chart.say("recorded-date", text, one.entry, "recordedDate")
    if last < begun:
        text = "The metastasis is dated before the primary; the days between them were left out."
        chart.say_of(source, "value", text)
        return
    source = replace(source, conversion=f"days from {primary.entry.reference}")
    also = chart.source(primary.entry, primary.onset_element, at=primary.onset, value=primary.onset.text)
    fact = chart.fact(mets.days_from_primary.name, (last - begun).days, source)
    if fact is not None:
        chart.bounds[fact.name] = replace(fact, sources=(source, also))


def _tells(chart: Chart, finding: Finding) -> bool:
    """Whether the date of a condition is one of diagnosis: not that of entry beside an onset of another form."""
    if finding.onset_element == "recordedDate" and any(key.startswith("onset") for key in finding.entry.resource):
        text = "It has an onset that is no date, so the date of entry is not the date of diagnosis."
        chart.say("imprecise", text, finding.entry, "onset")
        return False
    return True


def _is_entered(*findings: Finding) -> bool:
    return any(one.onset_element == "recordedDate" for one in findings)


def _first_seen(chart: Chart, begun: Moment, known_since: Moment | None) -> Statement | None:
    """The first result that shows metastases, when it tells how long after the primary they appeared."""
    said = [one for one in chart.statements if one.topic == mets.status.name and not one.standing and one.when]
    shown = [one for one in said if one.value == "confirmed" and not one.preliminary]
    first = min(shown, key=lambda one: (_first(one), one.facts[0].sources[0].reference), default=None)
    if first is None or first.when is None or (known_since is not None and not first.when.is_before(known_since)):
        return None
    with_primary = first.when.first <= begun.last + timedelta(days=int(chart.thresholds.number(DE_NOVO_MAX_DAYS)))
    free_before = any(one.value == "none" and one.when and one.when.is_before(first.when) for one in said)
    return first if with_primary or free_before or known_since is not None else None


def _first(statement: Statement) -> int:
    return 0 if statement.when is None else statement.when.first.toordinal()


def _text(at: Moment | None) -> str:
    return "" if at is None else at.text


# --- what came back --------------------------------------------------------------------------------------


def _of_conditions(chart: Chart, conditions: Conditions) -> list[Event]:
    found = []
    for one in conditions.findings:
        if one.tentative:
            continue
        if (match := one.match("breast_recurrence")) is not None:
            kind = REGIONAL if _is_in_nodes(chart, one) else LOCAL
            found.append(Event(kind=kind, at=one.onset, source=source_of(chart, one, match)))
        elif one.recurs and (match := one.match("regional_nodes")) is not None:
            found.append(Event(kind=REGIONAL, at=one.onset, source=source_of(chart, one, match, "clinicalStatus")))
        elif (match := one.match(*DISTANT)) is not None:
            kind = SOFT_TISSUE if one.targets & DISTANT == {"soft_tissue"} else ELSEWHERE
            source = source_of(chart, one, match, "clinicalStatus")
            found.append(Event(kind=kind, at=one.onset, source=source, marked=one.recurs))
        elif one.recurs and (match := one.match("breast_primary")) is not None:
            found.append(Event(kind=SOMEWHERE, at=None, source=source_of(chart, one, match, "clinicalStatus")))
    return found


def _is_in_nodes(chart: Chart, finding: Finding) -> bool:
    sites = objects(finding.entry.resource, "bodySite")
    return any("regional_nodes" in chart.targets("body-sites", site, finding.entry, "bodySite") for site in sites)


# --- what is made of it ----------------------------------------------------------------------------------


def _read_first_event(chart: Chart, events: list[Event]) -> None:
    """What came back first; nothing when a metastasis nobody dates may have been before it."""
    kinds = {event.kind for event in events if event.kind}
    marked = [event for event in events if event.marked and event.kind]
    if not marked:
        return
    first = [
        event
        for event in marked
        if len(kinds) == 1
        or all(_is_before(event.at, other.at) for other in events if other.kind not in (event.kind, SOMEWHERE))
    ]
    if not first:
        text = "The dates do not tell what came back first."
        chart.say_of(marked[0].source, "imprecise", text)
        return
    for event in first:
        chart.state(tumour.first_event.name, event.kind, event.source, None)


def _read_onset(chart: Chart, events: list[Event]) -> None:
    """Recurrent: metastases that are called so, or that came no earlier than something else that came back."""
    since = [event.at for event in events if event.kind in (SOFT_TISSUE, ELSEWHERE)]
    known = {one.value for one in chart.statements if one.topic == mets.status.name}
    for event in events:
        is_metastasis = event.kind in (SOFT_TISSUE, ELSEWHERE)
        if not event.marked or not (is_metastasis or known & {"confirmed", "suspected"}):
            continue
        if is_metastasis or not any(_is_before(at, event.at) for at in since):
            chart.state(mets.onset_assertion.name, "recurrent", event.source, event.at)


def _is_before(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and other is not None and one.is_before(other)
