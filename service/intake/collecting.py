"""Walking the documents of a request: every resource that is data, with its place.

What is not data is left out and, where it matters, told: deleted versions, outcomes of a search,
pages that are not the last, entries that are not resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.intake.accounts import LeftOut, left_out, no_resource
from service.intake.entries import Entry, Part, Resource, name_of
from service.intake.kinds import R4
from service.intake.notices import Notice
from service.intake.references import plain, tail
from service.problems import NotFhir, TooDeep, TooMany

MAX_NESTED = 8
_ORDERS = ("MedicationRequest", "ServiceRequest")
_BUNDLES = frozenset({
    "document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset",
    "collection",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The resources of a request; ``empty`` are the types a search said have none.

    ``containers`` are the bundles and parameters that held them, without the resources.
    """

    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    empty: frozenset[str]
    left_out: tuple[LeftOut, ...] = ()
    containers: tuple[Entry, ...] = ()


def collected(parts: Iterable[Part], *, max_entries: int) -> Collection:
    """Every resource of the parts. Raises NotFhir, TooMany or TooDeep."""
    walk = _Walk(max_entries)
    for part in parts:
        if part.document is not None:
            walk.part(part)
    return Collection(
        entries=tuple(walk.entries),
        notices=tuple(walk.notices),
        empty=frozenset(walk.empty),
        left_out=tuple(walk.left_out),
        containers=tuple(walk.containers),
    )


class _Walk:
    def __init__(self, max_entries: int) -> None:
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.empty: set[str] = set()
        self.left_out: list[LeftOut] = []
        self.containers: list[Entry] = []
        self.max_entries = max_entries
        self.drafts_in_request = False
        self.chosen: frozenset[str] | None = None

    def part(self, part: Part) -> None:
        document = part.document
        self.drafts_in_request, self.chosen = part.drafts_in_request, part.chosen
        if isinstance(document, list):
            for position, item in enumerate(document):
                place = f"{part.place}[{position}]"
                if _is_resource(item):
                    self.resource(item, place, in_request=part.in_request)
                else:
                    self._no_resource("This item of the array is not a resource. It was left out.", place)
            return
        if not _is_resource(document):
            hint = ""
            if isinstance(document, Mapping) and "facts" in document:
                hint = " A facts document is sent as application/vnd.osteon.facts+json."
            raise NotFhir(NotFhir.says + hint, part.place)
        assert isinstance(document, Mapping)
        before = len(self.entries)
        self.resource(document, part.place or _default_place(document), in_request=part.in_request)
        if (
            part.kinds
            and len(self.entries) == before
            and document["resourceType"] == "Bundle"
            and not _has_next(document)
            and not any(isinstance(entry, Mapping) and "resource" in entry for entry in _entries(document))
        ):
            self.empty |= part.kinds

    def resource(
        self, resource: Resource, place: str, *, in_request: bool, full_url: str = "", nested: int = 0
    ) -> None:
        kind = resource["resourceType"]
        if nested > MAX_NESTED:
            raise TooDeep(f"Bundles are nested more than {MAX_NESTED} deep.", place)
        if kind == "Bundle":
            self.bundle(resource, place, in_request=in_request, nested=nested)
        elif kind == "Parameters":
            self.containers.append(Entry(resource=_without(resource, "parameter"), place=place))
            self.parameters(resource, "parameter", place, in_request=in_request, nested=nested)
        elif kind == "OperationOutcome":
            text = "The source of the data reported a problem; something may be missing."
            self._say("outcome", text, place)
            self.left_out.append(left_out(Entry(resource=resource, place=place, full_url=full_url), "outcome", text))
        else:
            if len(self.entries) >= self.max_entries:
                raise TooMany(f"There are more than {self.max_entries} resources; send fewer at a time.", place)
            is_draft = in_request or (self.drafts_in_request and resource.get("status") == "draft" and kind in _ORDERS)
            is_chosen = self.chosen is None or bool(self.chosen & names_of(resource, full_url))
            self.entries.append(
                Entry(
                    resource=resource,
                    place=place,
                    full_url=full_url,
                    in_request=is_draft and is_chosen,
                    is_draft=is_draft,
                    reference=name_of(resource, full_url),
                )
            )
            if kind not in R4:
                self._say("structure", "FHIR R4 has no resource of this type. It was left out.", place)

    def parameters(self, holder: Mapping[str, Any], element: str, place: str, *, in_request: bool, nested: int) -> None:
        """The resources of parameters and of their parts."""
        if nested > MAX_NESTED:
            raise TooDeep(f"Parameters are nested more than {MAX_NESTED} deep.", place)
        for position, parameter in enumerate(_list(holder, element)):
            there = f"{place}.{element}[{position}]"
            if not isinstance(parameter, Mapping):
                continue
            held = parameter.get("resource")
            if isinstance(held, Mapping) and _is_resource(held):
                self.resource(held, f"{there}.resource", in_request=in_request, nested=nested + 1)
            elif held is not None:
                text = "This parameter holds no resource with a resourceType. It was left out."
                self._no_resource(text, f"{there}.resource")
            self.parameters(parameter, "part", there, in_request=in_request, nested=nested + 1)

    def bundle(self, bundle: Resource, place: str, *, in_request: bool, nested: int) -> None:
        self.containers.append(Entry(resource=_without(bundle, "entry"), place=place))
        if str(bundle.get("type")) not in _BUNDLES:
            self._say("structure", "A bundle says of which type it is. It was read as a collection.", f"{place}.type")
        if _has_next(bundle):
            self._say("incomplete", "This page has a next page, which was not sent; something may be missing.", place)
        for position, entry in self._data(bundle, place):
            there = f"{place}.entry[{position}].resource"
            resource = entry.get("resource")
            if isinstance(resource, Mapping) and _is_resource(resource):
                url = entry.get("fullUrl")
                self.resource(
                    resource,
                    there,
                    in_request=in_request,
                    full_url=plain(url) if isinstance(url, str) else "",
                    nested=nested + 1,
                )
            elif resource is not None:
                self._no_resource("This entry holds no resource with a resourceType. It was left out.", there)

    def _data(self, bundle: Resource, place: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The entries of a bundle that hold data as it is now."""
        if not isinstance(bundle.get("entry", []), list):
            self._say("structure", "Bundle.entry must be an array. Nothing of it was read.", f"{place}.entry")
        listed: list[tuple[int, Mapping[str, Any]]] = []
        for at, entry in enumerate(_entries(bundle)):
            if isinstance(entry, Mapping):
                listed.append((at, entry))
            else:
                self._no_resource("This entry of the bundle is not an object. It was left out.", f"{place}.entry[{at}]")
        if bundle.get("type") == "history":
            latest = _latest(listed)
            kept = {at for at, _ in latest}
            for at, entry in listed:
                if at not in kept:
                    self._leave_out(entry, f"{place}.entry[{at}]", "superseded", "The history has a later version.")
            listed = latest
        for at, entry in listed:
            there = f"{place}.entry[{at}]"
            search, request = entry.get("search"), entry.get("request")
            if isinstance(search, Mapping) and search.get("mode") == "outcome":
                text = "The search reported a problem; something may be missing."
                self._say("outcome", text, there)
                self._leave_out(entry, there, "outcome", text)
            elif isinstance(request, Mapping) and request.get("method") == "DELETE":
                self._leave_out(entry, there, "deleted", "It is deleted.")
            else:
                yield at, entry

    def _leave_out(self, entry: Mapping[str, Any], place: str, code: str, text: str) -> None:
        """An entry whose resource, when it has one, is not data."""
        resource = entry.get("resource")
        if isinstance(resource, Mapping) and _is_resource(resource):
            self.left_out.append(left_out(Entry(resource=resource, place=f"{place}.resource"), code, text))

    def _no_resource(self, text: str, place: str) -> None:
        self._say("structure", text, place)
        self.left_out.append(no_resource(place, text))

    def _say(self, code: str, text: str, place: str) -> None:
        self.notices.append(Notice(code=code, text=text, reference=place))


def names_of(resource: Resource, full_url: str) -> frozenset[str]:
    """The names by which a list of chosen orders may mean a resource."""
    name = f"{resource['resourceType']}/{resource['id']}" if isinstance(resource.get("id"), str) else ""
    return frozenset({name, plain(full_url), tail(full_url)}) - {""}


def _latest(listed: list[tuple[int, Mapping[str, Any]]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The latest version of each resource of a history, which may be that it was deleted.

    A history begins with the newest; a time of change, when all versions have one, decides instead.
    """
    versions: dict[str, list[tuple[str, int, Mapping[str, Any]]]] = {}
    for at, entry in listed:
        versions.setdefault(_history_name(entry, at), []).append((_changed(entry), -at, entry))
    latest = []
    for same in versions.values():
        timed = all(changed for changed, _, _ in same)
        _, at, entry = max(same, key=lambda version: version[:2] if timed else ("", version[1]))
        latest.append((-at, entry))
    return sorted(latest, key=lambda pair: pair[0])


def _history_name(entry: Mapping[str, Any], at: int) -> str:
    resource, request = entry.get("resource"), entry.get("request")
    if isinstance(resource, Mapping) and isinstance(resource.get("id"), str):
        return f"{resource.get('resourceType')}/{resource['id']}"
    if isinstance(request, Mapping) and isinstance(request.get("url"), str):
        return "/".join(plain(request["url"]).rsplit("/", 2)[-2:])
    return plain(entry["fullUrl"]) if isinstance(entry.get("fullUrl"), str) else f"entry {at}"


def _changed(entry: Mapping[str, Any]) -> str:
    resource, response = entry.get("resource"), entry.get("response")
    meta = resource.get("meta") if isinstance(resource, Mapping) else None
    for holder, element in ((meta, "lastUpdated"), (response, "lastModified")):
        if isinstance(holder, Mapping) and isinstance(holder.get(element), str):
            return str(holder[element])
    return ""


def _is_resource(document: object) -> bool:
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("resourceType"), str)
        and bool(document["resourceType"])
    )


def _without(container: Mapping[str, Any], element: str) -> dict[str, Any]:
    """A container of resources without them; what held nothing else is not empty for that."""
    held = container.get(element)
    if not isinstance(held, list):
        return dict(container)
    inner = [
        {key: value for key, value in item.items() if key != "resource"} or {"id": "1"} if _holds(item) else item
        for item in held
    ]
    return {**container, element: inner}


def _holds(item: object) -> bool:
    return isinstance(item, Mapping) and "resource" in item


def _default_place(document: Mapping[str, Any]) -> str:
    return str(document["resourceType"])


def _entries(bundle: Mapping[str, Any]) -> list[Any]:
    return _list(bundle, "entry")


def _list(resource: Mapping[str, Any], element: str) -> list[Any]:
    value = resource.get(element)
    return value if isinstance(value, list) else []


def _has_next(bundle: Mapping[str, Any]) -> bool:
    return any(isinstance(link, Mapping) and link.get("relation") == "next" for link in _list(bundle, "link"))
