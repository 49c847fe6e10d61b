"""What FHIR resources are written from: a decision, when and with what it was made, and the names in it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rulesets.rule import Hook
from service.fhir_out.references import local
from service.intake.inputs import Input
from service.reasoning.findings import Conclusion, Conclusions
from service.record_json import Json

URN_SYSTEM = "urn:ietf:rfc:3986"
REQUEST_SYSTEM = "urn:osteon:identifier:request"

RULE = "urn:osteon:extension:rule"
"""Extension: the id of a rule that is behind an element."""
ABOUT = "urn:osteon:extension:about"
"""Extension: the resource of the request that an element is about."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The trace of a decision, when it was made, by which version of the service, and for which request.

    ``request`` is the SHA-256 of the body as it was sent.
    """

    trace: str
    at: datetime
    version: str
    request: str

    @property
    def instant(self) -> str:
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    @property
    def device(self) -> str:
        """The id of the service as a Device: the same for every decision of one version."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"osteon {self.version}"))

    def id_of(self, part: str) -> str:
        """The id of a resource of this decision; the same decision gives the same ids."""
        return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_OID, self.trace), f"fhir {part}"))


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision: its result, and the conclusions and inputs behind it.

    ``templates`` are the parts of the resources that are the same for everybody, by resource type.
    """

    stamp: Stamp
    result: Json
    conclusions: Conclusions
    hooks: tuple[Hook, ...]
    inputs: tuple[Input, ...]
    templates: Mapping[str, Json]

    @property
    def conclusion(self) -> Conclusion:
        return self.conclusions.with_request

    @property
    def patient(self) -> str:
        return str(self.result["patient"])

    @property
    def module(self) -> str:
        """The canonical of the rulebook, with the revision that decided as its version."""
        return f"{self.templates['GuidanceResponse']['moduleCanonical']}|{self.result['rulebook']}"

    @property
    def device(self) -> Json:
        return local(self.stamp.device)

    @property
    def request_identifier(self) -> Json:
        """The request by the SHA-256 of its body."""
        return {"system": REQUEST_SYSTEM, "value": self.stamp.request}

    @property
    def identifier(self) -> Json:
        """The trace, by which a decision is found again."""
        return {"system": URN_SYSTEM, "value": f"urn:uuid:{self.stamp.trace}"}
