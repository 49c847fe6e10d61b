"""What one process works with: rulebook, terminology, store, clock and chance, put together in app."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from rulesets.book import Rulebook
from rulesets.rulebook import RULEBOOK, Revision, rules_digest
from rulesets.thresholds import ThresholdError, Thresholds, effective
from service.fire import Reasoner
from service.intake.terminology import Terminology
from service.prefetch.states import Reads, reads_nothing
from service.problems import InvalidFacts, Issue
from service.secrets.keys import Keys
from service.traces.store import TraceStore
from service.write import CardOptions

MOST_REASONERS = 8
"""Rulebooks with other rules or thresholds that are kept at once; each holds some megabytes."""


class Reasoners:
    """Rulebooks compiled with thresholds, the ones used last at hand."""

    def __init__(self, overrides: Mapping[str, object]) -> None:
        """Compile the rulebook with the site's own thresholds; raises ThresholdError."""
        self._overrides = dict(overrides)
        self.usual = Reasoner(effective(overrides))
        self._others: OrderedDict[tuple[str, str], Reasoner] = OrderedDict()
        self._lock = threading.Lock()

    def with_thresholds(self, config: Mapping[str, object]) -> Reasoner:
        """The rulebook with further thresholds of one request. Raises ThresholdError."""
        return self.of(RULES_DIGEST, effective({**self._overrides, **config}), lambda: RULEBOOK)

    def of(self, rules: str, thresholds: Thresholds, rebuilt: Callable[[], Rulebook]) -> Reasoner:
        """The rulebook whose rules have this digest, with thresholds; ``rebuilt`` makes it when it is not at hand."""
        if (rules, thresholds.digest) == (RULES_DIGEST, self.usual.thresholds.digest):
            return self.usual
        with self._lock:
            reasoner = self._others.pop((rules, thresholds.digest), None) or Reasoner(thresholds, rebuilt())
            self._others[rules, thresholds.digest] = reasoner
            if len(self._others) > MOST_REASONERS:
                # Whoever still judges with it keeps it alive; its memory is given back afterwards.
                self._others.popitem(last=False)
            return reasoner


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything an assessment needs beside its request."""

    reasoners: Reasoners
    terminology: Terminology
    store: TraceStore
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    patient_secret: bytes
    version: str
    max_entries: int = 10_000
    max_patients: int = 1_000
    card_options: CardOptions = field(default_factory=CardOptions)
    engine: str = ""
    config: str = ""
    monotonic_ns: Callable[[], int] = time.monotonic_ns
    fhir_servers: tuple[str, ...] = ()
    reads: Reads = reads_nothing
    turn: threading.Lock = field(default_factory=threading.Lock, compare=False)
    """Held by the one request of this process that is being judged: threads that compute at once
    only keep each other waiting, while those that read a body, keep a trace or write an answer may overlap."""

    def today(self) -> date:
        return self.now().date()

    def reasoner(self, config: Mapping[str, object]) -> Reasoner:
        """The rulebook to judge a case with; raises InvalidFacts for thresholds that cannot be."""
        if not config:
            return self.reasoners.usual
        try:
            return self.reasoners.with_thresholds(config)
        except ThresholdError as error:
            raise InvalidFacts([Issue(code="value", sentence=str(error), expression="config")]) from None

    def revision(self, thresholds: Thresholds) -> Revision:
        """What a decision made now is made with."""
        return revision_of(thresholds, self.terminology.digest)

    @property
    def keys(self) -> Keys:
        """The names traces are found by."""
        return Keys(secret=self.patient_secret)

    def patient_key(self, patient: str) -> str:
        """The name under which traces of a patient are found: a keyed hash, never the id."""
        return self.keys.patient(patient)

    def moment(self) -> str:
        """Now, as headers write it."""
        return written(self.now())


def revision_of(thresholds: Thresholds, terminology: str) -> Revision:
    """The digests of a rulebook: the rules of this release with some thresholds and some terminology."""
    return Revision(rules=RULES_DIGEST, thresholds=thresholds.digest, terminology=terminology)


def written(moment: datetime) -> str:
    """A moment as headers write it, in UTC to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


RULES_DIGEST = rules_digest()
