"""What was concluded about one patient: what fired, what stayed open, and the prognostic group.

These shapes are all that cards, traces and answers know of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from rulesets.language import Truth
from rulesets.record import Fact, Member, Record
from rulesets.rule import Hook, Indicator, Rule
from rulesets.thresholds import Thresholds
from service.intake.notices import Notice


@dataclass(frozen=True, kw_only=True)
class Firing:
    """A rule that is true, for one combination of elements.

    ``elements`` follow ``rule.for_each`` (empty for a rule about the patient); ``indicator`` is
    the one after escalation; ``because`` holds the facts that made the rule true, derived ones too.
    """

    rule: Rule
    elements: tuple[Member, ...] = ()
    indicator: Indicator
    because: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Undetermined:
    """A rule that no fact contradicts and that lacks facts to be true.

    ``missing`` are names of unknown facts; ``open_clauses`` those of each top-level clause left
    unknown; ``true_clauses`` counts the clauses that hold.
    """

    rule: Rule
    elements: tuple[Member, ...] = ()
    missing: tuple[str, ...] = ()
    open_clauses: tuple[tuple[str, ...], ...] = ()
    true_clauses: int = 0
    false_clauses: int = 0


@dataclass(frozen=True, kw_only=True)
class Prognosis:
    """The prognostic group, the groups still possible, and what would decide between them."""

    group: str
    possible: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    points_lo: int | None = None
    points_hi: int | None = None
    lean: str | None = None
    conflict_facts: tuple[str, ...] = ()
    criteria: tuple[tuple[str, Truth], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """All that was concluded: ``record`` holds the derived facts too.

    ``fired`` stands in the order of the rulebook; ``suppressed`` are ids of rules that say
    nothing for this patient; ``notices`` tell what the record lacks because it could not be read.
    """

    record: Record
    prognosis: Prognosis
    fired: tuple[Firing, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()
    suppressed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    thresholds: Thresholds


@dataclass(frozen=True, kw_only=True)
class Conclusions:
    """What was concluded of one record: ``with_request`` of all of it, ``as_charted`` without what the request orders.

    Both are the same when nothing is ordered, or when nobody asks what the chart alone says.
    """

    with_request: Conclusion
    as_charted: Conclusion

    def at(self, hook: Hook) -> Conclusion:
        """The conclusion that counts at a hook: who looks at a patient has ordered nothing yet."""
        return self.as_charted if hook == "patient-view" else self.with_request
