"""What may leave as CDS Hooks: strict models of an answer and of discovery, restated from the specification.

Versions 2.0 and 3.0 are both kept to, and where they leave a choice the stricter one is taken: every card
and suggestion has an identity, so that feedback finds it; a topic is letters and digits, for clients
silence advice by it. A document that is not as it must be is never sent.

Specification: https://cds-hooks.hl7.org, "HTTP Response" and "Discovery"; invariants cds-resp-1 to -6.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)


class Malformed(Exception):
    """A document that must not leave; it names the places of the faults and nothing of what stands there."""


def check_answer(document: object) -> None:
    """Raises Malformed unless a document is an answer of a CDS Hooks service."""
    _check(_ANSWER, document)


def check_discovery(document: object) -> None:
    """Raises Malformed unless a document is a discovery document."""
    _check(_DISCOVERY, document)


def _check(model: TypeAdapter[Any], document: object) -> None:
    try:
        model.validate_python(document)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        places = (f"{'.'.join(str(step) for step in each['loc']) or 'document'}: {each['msg']}" for each in told)
        raise Malformed("; ".join(dict.fromkeys(places))) from None


# --- parts -------------------------------------------------------------------------------------------------


def _full(value: Any) -> Any:
    """Refuses null and anything empty, however deep."""
    if value is None or value in ("", [], {}):
        raise ValueError("null and empty values are not allowed")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _full(each)
    return value


def _only_one(values: Iterable[str], what: str) -> None:
    seen = list(values)
    if len(set(seen)) < len(seen):
        raise ValueError(f"two of them have the same {what}")


Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Summary = Annotated[Text, StringConstraints(max_length=139)]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
Uri = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$")]
Relative = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+/[A-Za-z0-9.-]{1,64}$")]
Object = Annotated[dict[str, Any], AfterValidator(_full)]
ABSENT: dict[str, Any] = {}
"""What stands for an object that was not given, as an empty text does for a text: a default is not validated."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Topic(_Part):
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,100}$")]
    system: Uri
    display: Text = ""
    extension: Object = ABSENT


class _Reason(_Part):
    code: Text
    system: Uri
    display: Text
    extension: Object = ABSENT


class _Source(_Part):
    label: Text
    url: Url = ""
    icon: Url = ""
    topic: _Topic
    extension: Object = ABSENT


class _Action(_Part):
    type: Literal["create", "update", "delete"]
    description: Text
    resource: Object = ABSENT
    resourceId: Relative = ""
    extension: Object = ABSENT

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> _Action:
        if self.type == "delete":
            if not self.resourceId or self.resource:
                raise ValueError("a delete has a resourceId and no resource")
            return self
        if not isinstance(self.resource.get("resourceType"), str):
            raise ValueError("a create and an update have a resource with a resourceType")
        if self.resourceId:
            raise ValueError("only a delete has a resourceId")
        if self.type == "update" and not isinstance(self.resource.get("id"), str):
            raise ValueError("the resource of an update has the id of what it replaces")
        return self


class _Suggestion(_Part):
    label: Text
    uuid: Uuid
    isRecommended: bool = False
    actions: list[_Action] = Field(min_length=1)
    actionSelectionBehavior: Literal["all", "any", "at-most-one"] = "all"
    extension: Object = ABSENT


class _Link(_Part):
    label: Text
    url: Url
    type: Literal["absolute", "smart"]
    appContext: Text = ""
    autolaunchable: bool = False
    extension: Object = ABSENT

    @model_validator(mode="after")
    def _has_a_context_only_for_smart(self) -> _Link:
        if self.type == "absolute" and self.appContext:
            raise ValueError("only a smart link has an appContext")
        return self


class _Card(_Part):
    uuid: Uuid
    summary: Summary
    detail: Text
    indicator: Literal["info", "warning", "critical"]
    source: _Source
    suggestions: list[_Suggestion] = Field(default=[], min_length=1)
    selectionBehavior: Literal["at-most-one", "any"] = "any"
    overrideReasons: list[_Reason] = Field(default=[], min_length=1)
    links: list[_Link] = Field(default=[], min_length=1)
    extension: Object = ABSENT

    @model_validator(mode="after")
    def _says_how_suggestions_are_chosen(self) -> _Card:
        if bool(self.suggestions) != ("selectionBehavior" in self.model_fields_set):
            raise ValueError("suggestions and selectionBehavior come together")
        if self.selectionBehavior == "at-most-one" and sum(each.isRecommended for each in self.suggestions) > 1:
            raise ValueError("at most one suggestion of which one may be chosen is recommended")
        return self


class _Answer(_Part):
    cards: list[_Card]
    extension: Object = ABSENT

    @model_validator(mode="after")
    def _identifies_each_once(self) -> _Answer:
        _only_one((card.uuid for card in self.cards), "uuid")
        _only_one((each.uuid for card in self.cards for each in card.suggestions), "uuid")
        return self


class _Service(_Part):
    hook: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]+$")]
    title: Text
    description: Text
    prefetch: dict[Text, Text] = Field(min_length=1)
    usageRequirements: Text
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")] = ""
    hookVersion: Text = ""
    extension: Object = ABSENT


class _Discovery(_Part):
    services: list[_Service]
    extension: Object = ABSENT

    @model_validator(mode="after")
    def _has_each_address_once(self) -> _Discovery:
        _only_one((service.id for service in self.services), "id")
        return self


_ANSWER, _DISCOVERY = TypeAdapter(_Answer), TypeAdapter(_Discovery)
