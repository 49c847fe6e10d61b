"""Which endpoint needs what: the one table. An endpoint that is not in it stops the start.

Endpoints have Flask's names, ``blueprint.function``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from flask import Flask

from service.clients.api_keys import Scope

Need = Scope | Literal["nothing", "client"]
"""A scope of a key; nothing, where nobody is asked; or the token of a CDS Hooks client."""

NEEDS: Mapping[str, Need] = {
    "hooks.services": "client",
    "hooks.call": "client",
    "hooks.feedback.give": "client",
    "evaluate.evaluate": "evaluate",
    "fhir.evaluate": "evaluate",
    "fhir.metadata": "nothing",
    "fhir.operation_definition": "nothing",
    "traces.traces": "traces.read",
    "traces.checkpoint": "traces.read",
    "traces.header": "traces.read",
    "traces.one_trace": "traces.body",
    "questions.search": "traces.read",
    "questions.why_of_a_patient": "traces.body",
    "questions.why_in_a_decision": "traces.body",
    "questions.all_rulebooks": "traces.read",
    "questions.one_rulebook": "traces.read",
    "questions.rules": "traces.read",
    "questions.calls": "traces.read",
    "questions.who_looked": "traces.read",
    "questions.believed": "traces.read",
    "questions.due_for_erasure": "traces.read",
    "questions.holds": "traces.read",
    "stats.counted": "traces.read",
    "erasing.erase": "erase",
    "exports.export": "export",
    "audit.audit_decisions": "traces.read",
    "audit.audit_decision": "traces.body",
    "audit.audit_decide_again": "traces.body",
    "audit.audit_decision_as": "traces.body",
    "audit.audit_patient": "traces.body",
    "audit.audit_rules": "traces.read",
    "audit.audit_rule": "traces.read",
    "audit.audit_rulebooks": "traces.read",
    "audit.audit_rulebook_diff": "traces.read",
    "audit.audit_integrity": "traces.read",
    "audit.audit_verify": "traces.read",
    "audit.audit_accesses": "traces.read",
    "audit.audit_static": "nothing",
    "trying.try_it": "evaluate",
    "trying.try_a_document": "evaluate",
    "trying.tried": "evaluate",  # and traces.body, which it asks for itself
    "trying.try_a_change": "evaluate",  # as well
    "start.first_page": "nothing",
    "health.is_alive": "nothing",
    "health.is_ready": "nothing",
    "health.whole_rulebook": "nothing",
    "openapi.openapi": "nothing",
    "openapi.docs": "nothing",
    "openapi.style": "nothing",
}


class UnlistedEndpoint(RuntimeError):
    """An endpoint of which nobody has said who may call it."""


def refuse_unlisted(app: Flask) -> None:
    """Raises UnlistedEndpoint when the application has an endpoint that is not in the table."""
    for endpoint in sorted(_endpoints(app)):
        if endpoint not in NEEDS:
            raise UnlistedEndpoint(
                f"The endpoint {endpoint} is not in service/web/scopes.py; say there which scope it needs, or nothing."
            )


def _endpoints(app: Flask) -> Iterable[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}
