"""Every decision that a test has kept in a real store is made again at once, and must be the same."""

from __future__ import annotations

import json

import pytest

from service import assess
from service.canonical import dumps, fingerprint
from service.house import House
from service.replay import replay
from service.traces.store import TraceStore

OF_ITS_OWN = ("result", "prefetch", "fhir")
"""Parts of a body that follow from the others, or name the one decision."""


class Replayed:
    """What was replayed so far, and what was not identical since it was last asked."""

    def __init__(self) -> None:
        self.count = 0
        self._seen: set[str] = set()
        self._differing: list[str] = []

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on, until the patch is undone, whatever is kept is replayed: each patient in the same way once."""
        keep = assess._kept

        def kept(house: House, assessment: assess.Assessment) -> assess.Judgement:
            judgement = keep(house, assessment)
            if type(house.store) is TraceStore:
                self._again(house, assessment)
            return judgement

        patch.setattr(assess, "_kept", kept)

    def differing(self) -> list[str]:
        """What differed since this was asked last."""
        found, self._differing = self._differing, []
        return found

    def _again(self, house: House, assessment: assess.Assessment) -> None:
        trace = assessment.trace
        judged_by = {name: value for name, value in trace.body.items() if name not in OF_ITS_OWN}
        seen = fingerprint([judged_by, trace.rulebook, "fhir" in trace.body, repr(house.card_options)])
        if seen in self._seen:
            return
        self._seen.add(seen)
        again = replay(house, trace.id, trace.rulebook, json.loads(dumps(trace.body)))
        self.count += 1
        if again.verdict != "identical":
            self._differing.append(f"{trace.id}: {again}")
