"""Code systems by any of their names, and codes in the spelling of their system.

http or https, with or without a slash at the end, upper or lower case, an object identifier with or
without ``urn:oid:`` are spellings of one name; other names are listed in
``conceptmaps/system-aliases.json`` and in a hospital's own maps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.intake.terminology_resources import TerminologyError, extension, mapped_targets, objects, text

MATCH_BY = "urn:osteon:extension:match-by"
CODE_FORM = "urn:osteon:extension:code-form"
URI_SYSTEM = "urn:ietf:rfc:3986"

_EDGES = " .,:;!\"'()[]"
_PUNCTUATION = str.maketrans("", "", " .-+*!†‡#")
_CODE_FORMS: Mapping[str, Callable[[str], str]] = {
    "as-sent": str.strip,
    "upper": lambda code: code.strip().upper(),
    "undotted": lambda code: code.translate(_PUNCTUATION).upper(),
    "phrase": lambda code: " ".join(code.casefold().split()).strip(_EDGES),
    "unprefixed": lambda code: code.strip().rpartition(":")[2],
}


@dataclass(frozen=True, slots=True, eq=False)
class Systems:
    """The usual names of systems by any name, and how their codes are spelled."""

    aliases: dict[str, str] = field(default_factory=dict)  # a name, folded or as it is written -> the usual name
    editions: dict[str, str] = field(default_factory=dict)  # folded beginning of a name -> the usual name
    forms: dict[str, Callable[[str], str]] = field(default_factory=dict)

    def usual(self, system: str) -> str:
        known = self.aliases.get(system)
        if known is not None:
            return known
        name = _folded(system)
        for start, usual in self.editions.items():
            if name.startswith(start):
                return usual
        return self.aliases.get(name, name)

    def spelled(self, system: str, code: str) -> str:
        return self.forms.get(system, str.strip)(code)

    def usual_form(self, system: str, code: str) -> tuple[str, str]:
        usual = self.usual(system)
        return usual, self.spelled(usual, code)


def _folded(system: str) -> str:
    """One spelling of the name of a system, of those that mean the same.

    >>> _folded("HTTPS://Example.org/Codes/")
    'http://example.org/codes'
    >>> _folded("urn:oid:1.2.3")
    '1.2.3'
    """
    name = system.partition("|")[0].strip().casefold().rstrip("/")
    if name.startswith("https://"):
        return f"http://{name.removeprefix('https://')}"
    return name.removeprefix("urn:oid:")


def systems_in(maps: Mapping[str, dict[str, object]]) -> Systems:
    """The systems that maps of names speak of. Raises TerminologyError."""
    systems = Systems()
    for place, resource in maps.items():
        for at, group in objects(resource, "group", place):
            if text(group, "target", at) != URI_SYSTEM:
                continue
            for here, element in objects(group, "element", at):
                _add_system(systems, element, here)
    return systems


def _add_system(systems: Systems, element: Mapping[str, object], place: str) -> None:
    alias = text(element, "code", place)
    targets = mapped_targets(element, place)
    if len(targets) != 1:
        raise TerminologyError(f"{place} must map the system {alias} to exactly one system.")
    (usual,) = targets
    if extension(element, MATCH_BY) == "prefix":
        table, names = systems.editions, [f"{_folded(alias)}/"]
    else:
        table, names = systems.aliases, [_folded(alias), _folded(usual), usual]
    for name in names:
        if table.setdefault(name, usual) != usual:
            raise TerminologyError(f"{place} maps the system {alias} to another system than an earlier entry.")
    form = extension(element, CODE_FORM)
    if form and form not in _CODE_FORMS:
        raise TerminologyError(f"{place} has the unknown code form {form}.")
    if form:
        systems.forms[usual] = _CODE_FORMS[form]
