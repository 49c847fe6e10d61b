"""What an answer of a FHIR server says beside its data: nothing found, a next page, a problem. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

NOTHING_FOUND: Document = {"resourceType": "Bundle", "type": "searchset"}


def kind_of(value: object) -> object:
    """The resourceType of a resource, None of anything else."""
    return value.get("resourceType") if isinstance(value, Mapping) else None


def count(document: object) -> int:
    """How many resources a document holds, without what a search says about itself."""
    if not isinstance(document, Mapping):
        return 0
    if kind_of(document) != "Bundle":
        return int(kind_of(document) not in (None, "OperationOutcome"))
    return len(_resources(document)) - len(_outcomes(document))


def entries(bundle: Document) -> list[Any]:
    value = bundle.get("entry")
    return value if isinstance(value, list) else []


def has_next(document: Document) -> bool:
    return any(link.get("relation") == "next" for link in _links(document))


def next_link(document: Document) -> str:
    """The address of the next page as it was sent; empty when there is none."""
    found = [link.get("url") for link in _links(document) if link.get("relation") == "next"]
    return next((url for url in found if isinstance(url, str)), "")


def is_cut(bundle: Document) -> bool:
    """Whether there is more than was sent: a next page, or a total of resources none of which is there."""
    total = bundle.get("total")
    announces = isinstance(total, int) and total > 0 and not count(bundle)
    return has_next(bundle) or announces


def found_nothing(bundle: Document) -> bool:
    """Whether a search says that there is nothing, be it with a remark: some servers warn of an empty list."""
    if kind_of(bundle) != "Bundle" or count(bundle) or is_cut(bundle):
        return False
    issues = _issues(bundle)
    remarks = bundle.get("total") == 0 and all(issue.get("severity") in ("information", "warning") for issue in issues)
    return remarks or not _outcomes(bundle)


def is_problem(document: Document) -> bool:
    """Whether a problem was reported instead of data, bare or as all that a search has to say."""
    return bool(_outcomes(document)) and not count(document) and not found_nothing(document)


def says_not_supported(document: Document) -> bool:
    """Whether all that was reported is that the server keeps nothing of the kind."""
    codes = {issue.get("code") for issue in _issues(document)}
    return bool(codes) and codes <= {"not-supported", "not-found"}


def _links(document: Document) -> list[Document]:
    value = document.get("link")
    return [link for link in value if isinstance(link, Mapping)] if isinstance(value, list) else []


def _resources(bundle: Document) -> list[object]:
    return [entry["resource"] for entry in entries(bundle) if isinstance(entry, Mapping) and "resource" in entry]


def _outcomes(document: Document) -> list[Document]:
    found = _resources(document) if kind_of(document) == "Bundle" else [document]
    return [each for each in found if isinstance(each, Mapping) and kind_of(each) == "OperationOutcome"]


def _issues(document: Document) -> list[Document]:
    listed = [outcome.get("issue") for outcome in _outcomes(document)]
    return [issue for issues in listed if isinstance(issues, list) for issue in issues if isinstance(issue, Mapping)]
