"""After reading: what became of each resource, worked out from what the chart saw of it.

A resource is used when a fact, a conflict or a member of the record rests on it. Else the first reason
that holds is told, from its status over its code to what other resources say better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rulesets.record import Fact, Record
from service.intake.accounts import Account, Reason
from service.intake.chart import Chart
from service.intake.elements import objects, word
from service.intake.entries import Entry, holder_of
from service.intake.kinds import R4
from service.intake.notices import DECEASED, DIED, Notice
from service.intake.readers.feeds import UNREAD
from service.intake.readers.observation import LATEST_COUNTS
from service.intake.unpack import READ, Contents

NO_WORD: Mapping[str, frozenset[str]] = {
    "Observation": frozenset({"registered", "cancelled", "unknown"}),
    "DiagnosticReport": frozenset({"registered", "cancelled", "unknown"}),
    "MedicationStatement": frozenset({"not-taken"}),
    "MedicationRequest": frozenset({"cancelled"}),
    "MedicationAdministration": frozenset({"not-done"}),
    "MedicationDispense": frozenset({"preparation", "cancelled", "declined"}),
}
"""Statuses by which a resource says of itself that it reports nothing that was done or found."""

_REFERRED_TO = frozenset({"Medication", "Specimen", "BodyStructure"})
_CODED_IN = {
    "DiagnosticReport": ("conclusionCode",),
    "CarePlan": ("category",),
    **{kind: ("medicationCodeableConcept", "medicationReference") for kind in READ if kind.startswith("Medication")},
}
_REMARKS = frozenset({
    "boost", "by-dose", "conflict", "display", "dose-in-text", "from-text", "mended", "more", "no-specimen",
    "preliminary", "recorded-date", "repeated-doses", "sessions", "several-primaries", "several-statuses",
    "single-dose", "stopped-early", "unknown-code", "unresolved-subject", "unverified",
})  # fmt: skip
"""Notices about what was read all the same; any other says why something was not."""
_FAULTS = frozenset({"invalid", "other-version"})


def accounts_of(chart: Chart, record: Record) -> tuple[Account, ...]:
    """The resources of the patient of a chart, in a fixed order."""
    book = _Book(chart, record)
    found = [book.account(entry) for entry in chart.resources.entries]
    contents, patient = chart.resources.contents, chart.resources.patient
    unread = {entry.place: entry for entry in contents.unread.get(patient, ())}
    shared = {place: entry for place, entry in chart.looked_up.items() if entry.kind in _REFERRED_TO}
    found += [book.unread(entry) for entry in (unread | shared).values() if ".contained[" not in entry.place]
    found += [left.account for left in contents.unused.get(patient, ())]
    return tuple(sorted(found))


def of_no_patient(contents: Contents, told: Iterable[Account]) -> tuple[Account, ...]:
    """The resources of a request with several patients that belong to none of them.

    ``told`` are the accounts of the patients: a medication that one of them takes is told with hers.
    """
    places = {account.place for account in told}
    found = [_not_read(entry) for entry in contents.unread.get("", ()) if entry.place not in places]
    return tuple(sorted([*found, *(left.account for left in contents.unused.get("", ()))]))


class _Book:
    """What the chart of one patient knows of each resource by its name."""

    def __init__(self, chart: Chart, record: Record) -> None:
        self.chart = chart
        self.used = set(_used_by(record, chart))
        self.said: dict[str, list[Fact]] = {}
        for fact in _stated(chart):
            for source in fact.sources:
                self.said.setdefault(source.reference, []).append(fact)
        self.told: dict[str, list[Notice]] = {}
        for notice in sorted(set(chart.notices)):
            self.told.setdefault(notice.reference, []).append(notice)

    def account(self, entry: Entry) -> Account:
        """Of a resource that was the patient's to read."""
        if self.chart.verdict(entry) is False:
            wrong = [notice for notice in self.told.get(entry.place, ()) if notice.code in _FAULTS]
            reasons = tuple(Reason(code=one.code, text=one.text, element=one.element) for one in wrong)
            return Account(reference=entry.reference, place=entry.place, outcome="invalid", reasons=reasons)
        if entry.reference in self.used:
            return Account(reference=entry.reference, place=entry.place, outcome="used")
        reasons = tuple(self._reasons(entry))
        return Account(reference=entry.reference, place=entry.place, outcome="ignored", reasons=reasons)

    def unread(self, entry: Entry) -> Account:
        """Of a resource that is looked at only when another one refers to it."""
        if entry.kind in _REFERRED_TO:
            if self.chart.verdict(entry) is False:
                return self.account(entry)
            if entry.reference in self.used or entry.reference in self.chart.understood:
                return Account(reference=entry.reference, place=entry.place, outcome="used")
        return _not_read(entry)

    def _reasons(self, entry: Entry) -> Iterator[Reason]:
        """Why a resource was not used: at least one reason, always."""
        if self.chart.has_died:
            yield Reason(code=DECEASED, text=DIED)
            return
        status = _status(entry)
        if status is not None:
            yield status
            return
        told = [
            Reason(code=notice.code, text=notice.text, element=notice.element)
            for notice in self.told.get(entry.reference, ())
            if notice.code not in _REMARKS
        ]
        if told:
            yield from told
        elif said := self.said.get(entry.reference):
            for fact in said:
                text = f"Another source of {fact.name} counts: a newer, a final or a graver one."
                element = next(source.element for source in fact.sources if source.reference == entry.reference)
                yield Reason(code="outranked", text=text, element=element)
        else:
            yield self._unsaid(entry)

    def _unsaid(self, entry: Entry) -> Reason:
        """Of a resource nobody said anything of."""
        if entry.kind == "Patient":
            return Reason(code="no-fact", text="It has no birth date that tells the age.", element="Patient.birthDate")
        if entry.is_draft and not entry.in_request:
            text = "It is not selected; of such drafts only drugs, radiotherapy and operations on bone are read."
            return Reason(code="not-selected", text=text)
        known = self.chart.understood.get(entry.reference, set())
        if not known:
            return _unknown_code(entry)
        if (
            self.chart.verdict(entry) is None
            and {target for name, target in known if name == "observations"} & LATEST_COUNTS
        ):
            return Reason(
                code="outranked", text="A newer result of the same kind counts.", element="Observation.effective"
            )
        for name, target in sorted(known):
            if why := UNREAD.get(f"{name} {target}"):
                return Reason(
                    code="no-fact",
                    text=f"What is known of it ({target}) makes no fact: {why}.",
                    element=f"{entry.kind}.code",
                )
        if entry.kind == "Observation" and not any(name.startswith("value") for name in entry.resource):
            return Reason(code="no-fact", text="It has no value that is read.", element="Observation.value")
        return Reason(code="no-fact", text="Its code is known, and it says nothing that a fact is made of.")


# --- what was used -------------------------------------------------------------------------------------


def _used_by(record: Record, chart: Chart) -> Iterator[str]:
    """The names of the resources a record rests on; a conversion names what it was reckoned with."""
    members = [*(record.lesions or ()), *(record.drugs or ()), *record.courses, *record.orders]
    facts = [*record.facts.values(), *(fact for member in members for fact in member.facts.values())]
    sources = [source for fact in facts for source in fact.sources]
    sources += [source for conflict in record.conflicts for source in conflict.sources]
    for source in sources:
        yield source.reference
        yield from source.conversion.split()
    for member in members:
        yield holder_of(member.key)
        yield from chart.made_of.get(member.key, ())


def _stated(chart: Chart) -> Iterator[Fact]:
    """Everything the readers stated, whether it counted or not."""
    about = (*chart.attached.values(), *chart.of_lesions.values())
    for statement in (*chart.statements, *(one for said in about for one in said)):
        yield from statement.facts
    yield from chart.bounds.values()


# --- reasons that the resource itself gives ------------------------------------------------------------


def _status(entry: Entry) -> Reason | None:
    resource = entry.resource
    status = word(resource, "status")
    if status == "entered-in-error":
        return Reason(code="status", text="It was entered in error.", element=f"{entry.kind}.status")
    for concept in objects(resource, "verificationStatus"):
        for coding in objects(concept, "coding"):
            if coding.get("code") in ("entered-in-error", "refuted"):
                text = "It was entered in error." if coding["code"] != "refuted" else "It was refuted."
                return Reason(code="status", text=text, element=f"{entry.kind}.verificationStatus")
    if status in NO_WORD.get(entry.kind, frozenset()):
        text = f"By its status ({status}) there is nothing to read in it."
        return Reason(code="status", text=text, element=f"{entry.kind}.status")
    if resource.get("doNotPerform") is True:
        return Reason(code="status", text="It says what is not to be done.", element=f"{entry.kind}.doNotPerform")
    if word(resource, "intent") in ("option", "proposal") and not entry.is_draft:
        text = "It is a proposal or an option and nothing that was decided."
        return Reason(code="status", text=text, element=f"{entry.kind}.intent")
    return None


def _unknown_code(entry: Entry) -> Reason:
    names = _CODED_IN.get(entry.kind, ("code",))
    held = [(name, concept) for name in names for concept in objects(entry.resource, name)]
    element = f"{entry.kind}.{held[0][0] if held else names[0]}"
    for _, concept in held:
        for coding in objects(concept, "coding"):
            if isinstance(coding.get("code"), str):
                token = f"{coding.get('system', '')}|{coding['code']}"
                text = "Nothing is read under its code."
                if entry.kind == "ServiceRequest" and not entry.in_request:
                    text = "Of earlier orders only radiotherapy and operations on bone are read."
                return Reason(code="code", text=text, element=element, coding=token)
    return Reason(code="no-code", text="It has no code.", element=element)


def _not_read(entry: Entry) -> Account:
    if entry.kind not in R4:
        reason = Reason(code="unknown-type", text="FHIR R4 has no resource of this type.")
        return Account(reference=entry.reference, place=entry.place, outcome="invalid", reasons=(reason,))
    text = f"{entry.kind} is not read."
    if entry.kind in _REFERRED_TO:
        text = "It is read when something that is read refers to it, and nothing does."
    reason = Reason(code="type", text=text)
    return Account(reference=entry.reference, place=entry.place, outcome="ignored", reasons=(reason,))
