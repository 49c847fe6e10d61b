"""What the chain is told before the first decision of a start: the rulebook and the settings in force."""

from __future__ import annotations

from rulesets.rulebook import rules_content
from rulesets.thresholds import Thresholds
from service.app import moment, new_id
from service.arrival import Caller
from service.house import revision_of
from service.settings import Settings
from service.traces.configuration import tell_configuration
from service.traces.rulebooks import Rulebook, activate
from service.traces.store import TraceStore


def announce(store: TraceStore, settings: Settings, thresholds: Thresholds, terminology: str, caller: Caller) -> None:
    """Tells what is new since the last start, and keeps the rulebook. Raises StoreUnavailable."""
    rulebook = Rulebook(
        revision=revision_of(thresholds, terminology), rules=rules_content(), thresholds=thresholds.content
    )
    activate(store, rulebook, id=new_id(), at=moment(), caller=caller)
    tell_configuration(store, settings.digest, settings.shown, id=new_id(), at=moment(), caller=caller)
