"""Whose a resource is: the patient its subject means, or nobody.

A subject that cannot be resolved means the only patient there is, with a notice, unless it names
somebody else. Among several patients it means nobody, and the resource is left out with a notice.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.intake.accounts import LeftOut, left_out
from service.intake.entries import Entry
from service.intake.notices import Notice
from service.intake.references import Index, base, identifier, identifiers, literal, tail


class Owners:
    """The patients of a request, and whose each resource is.

    ``asked`` is the patient the request says it is about. A patient who is only referred to is
    one too as long as no Patient resource came.
    """

    def __init__(self, entries: Iterable[Entry], index: Index, asked: str = "") -> None:
        self._index = index
        listed = tuple(entries)
        self._patients: dict[str, list[Entry]] = {}
        for entry in listed:
            if entry.kind == "Patient":
                self._patients.setdefault(entry.reference, []).append(entry)
        self._asked = asked
        self._known = bool(self._patients) or bool(asked)
        self._notices: dict[str, list[Notice]] = {}
        self.notices: list[Notice] = []
        self.left_out: list[LeftOut] = []
        if asked and asked not in self._patients:
            self._say_age_unknown(asked)
        self._referred = self._only_referred(listed) if not self._known else {}

    @property
    def present(self) -> tuple[str, ...]:
        names = dict.fromkeys(self._patients)
        if self._asked:
            names.setdefault(self._asked)
        return tuple(names)

    @property
    def referred(self) -> tuple[str, ...]:
        """The patients that resources refer to although no Patient resource came at all."""
        names = tuple(sorted(set(self._referred.values())))
        for name in names:
            self._say_age_unknown(name)
        return names

    def resources_of(self, name: str) -> list[Entry]:
        return self._patients.get(name, [])

    def notices_of(self, name: str) -> list[Notice]:
        return self._notices.get(name, [])

    def meant_by(self, entry: Entry) -> str:
        """The patient a resource of any type names, or an empty text; nothing is taken for granted or told."""
        if entry.kind == "Patient":
            return entry.reference
        subject = _subject(entry)
        found = self._index.find(subject, entry)
        if found is not None and found.reference in self._patients:
            return found.reference
        text = literal(subject)
        return text if text and text == self._asked else self._referred.get(text, "")

    def of(self, entry: Entry) -> str | None:
        """The patient a resource belongs to, or None when it is left out."""
        subject = _subject(entry)
        found = self._index.find(subject, entry)
        if found is not None and found.kind == "Patient":
            if found.reference in self._patients:
                return found.reference
            # A contained Patient is the one of the request only when an identifier says so.
            match = self._by_identifier(found)
            if match:
                return match
            return self._unnamed(entry) if self._known else self._referred_name(entry, found)
        if found is not None:
            self._leave_out(entry, "Its subject is not a patient; it was left out.")
            return None
        if self._known:
            named = self._names_somebody_else(subject)
            if named:
                self._leave_out(entry, "Its subject is a patient who is not in the request; it was left out.")
                return None
            if literal(subject) and literal(subject) == self._asked:
                return self._asked
            return self._unnamed(entry)
        return self._referred_name(entry, None)

    def _unnamed(self, entry: Entry) -> str | None:
        present = self.present
        if len(present) == 1:
            text = "Its subject does not lead to a Patient resource; it was taken to be of the only patient."
            return self._taken_to_be_of(present[0], entry, text)
        self._leave_out(entry, "Its subject does not lead to any of the patients; it was left out.")
        return None

    def _taken_to_be_of(self, name: str, entry: Entry, text: str) -> str:
        notice = Notice(
            code="unresolved-subject", text=text, reference=entry.reference, element=f"{entry.kind}.subject"
        )
        self._notices.setdefault(name, []).append(notice)
        return name

    def _leave_out(self, entry: Entry, text: str) -> None:
        self.notices.append(
            Notice(code="left-out", text=text, reference=entry.reference, element=f"{entry.kind}.subject")
        )
        self.left_out.append(left_out(entry, "left-out", text, "subject"))

    def _names_somebody_else(self, subject: object) -> bool:
        """Whether a subject names a patient in the way every known patient is named, and none of them."""
        text = literal(subject)
        if text:
            return all(_unlike(text, name, self._patients.get(name, [])) for name in self.present)
        named = identifier(subject.get("identifier")) if isinstance(subject, dict) else None
        if named is None:
            return False
        held = [
            pair for entries in self._patients.values() for entry in entries for pair in identifiers(entry.resource)
        ]
        systems = {system for system, _ in held}
        return named[0] in systems and named not in held

    def _by_identifier(self, contained: Entry) -> str | None:
        names = set(identifiers(contained.resource))
        matches = {
            reference
            for reference, entries in self._patients.items()
            for entry in entries
            if names & set(identifiers(entry.resource))
        }
        return matches.pop() if len(matches) == 1 else None

    # --- nobody but references -----------------------------------------------------------------

    def _only_referred(self, entries: Iterable[Entry]) -> dict[str, str]:
        """The patients that are only referred to, by every text that refers to them."""
        texts = {text for entry in entries if (text := literal(_subject(entry))) and not text.startswith("#")}
        tails = {text: tail(text) for text in texts}
        servers: dict[str, set[str]] = {}
        for text, ending in tails.items():
            if ending and base(text):
                servers.setdefault(ending, set()).add(base(text))
        return {
            text: tails[text] if tails[text] and len(servers.get(tails[text], ())) <= 1 else text
            for text in texts
            if text.startswith("urn:") or tails[text].startswith("Patient/")
        }

    def _referred_name(self, entry: Entry, contained: Entry | None) -> str | None:
        subject = _subject(entry)
        if contained is not None:
            held = identifiers(contained.resource)
            name = f"Patient?identifier={held[0][0]}|{held[0][1]}" if held else contained.reference
            self._patients_contained(name, contained)
            return name
        if name := self._referred.get(literal(subject), ""):
            return name
        named = identifier(subject.get("identifier")) if isinstance(subject, dict) else None
        if named:
            name = f"Patient?identifier={named[0]}|{named[1]}"
            self._say_age_unknown(name)
            return name
        names = sorted(set(self._referred.values()))
        if len(names) == 1:
            text = "It names no patient; it was taken to be of the only patient that others refer to."
            return self._taken_to_be_of(names[0], entry, text)
        self._leave_out(entry, "It names no patient; it was left out.")
        return None

    def _patients_contained(self, name: str, contained: Entry) -> None:
        held = self._patients.setdefault(name, [])
        if all(entry.resource != contained.resource for entry in held):
            held.append(contained)

    def _say_age_unknown(self, name: str) -> None:
        notice = Notice(
            code="no-patient-resource",
            text="No Patient resource came for this patient; the age is unknown.",
            reference=name,
        )
        if notice not in self._notices.setdefault(name, []):
            self._notices[name].append(notice)


def _subject(entry: Entry) -> object:
    return entry.resource.get("subject", entry.resource.get("patient"))


def _unlike(text: str, name: str, resources: list[Entry]) -> bool:
    """Whether a reference is of the same form as a name of the patient and yet another one."""
    if text == name:
        return False
    addresses = [entry.full_url for entry in resources if entry.full_url]
    if text.startswith("urn:"):
        return any(address.startswith("urn:") for address in addresses)
    return bool(tail(text)) and bool(tail(name)) and (tail(text) != tail(name) or bool(base(text)))
