"""What changed from one decision to another: prognosis, cards, rules and facts. Pure, and the same either way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.facts import evaluation_day
from service.pages.members import LISTS, member_title
from service.pages.rules import RuleTexts
from service.pages.words import (
    INDICATORS,
    OUTCOMES,
    Mark,
    choice_in_words,
    counted,
    fact_label,
    mark,
    value_in_words,
)
from service.record_json import Json

NOT_FIRED = "not fired"


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """A card in a line; at which hooks it is shown."""

    indicator: Mark
    summary: str
    hooks: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """Something that was one thing and is another."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RuleMove:
    id: str
    title: str
    before: Mark
    after: Mark


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``kept`` is the number of cards that are the same in both."""

    prognosis: Move | None
    pattern: tuple[Move, ...]
    gone: tuple[CardLine, ...]
    new: tuple[CardLine, ...]
    kept: int
    rules: tuple[RuleMove, ...]
    facts: tuple[Move, ...]

    @property
    def says(self) -> str:
        """The difference in plain words: ``Prognosis: indeterminate → good; 1 card gone, 2 new``."""
        told = [f"{self.prognosis.label}: {self.prognosis.before} → {self.prognosis.after}"] if self.prognosis else []
        gone, new = len(self.gone), len(self.new)
        if gone or new:
            cards = [(gone, "gone"), (new, "new")]
            number, what = next(each for each in cards if each[0])
            others = [f"{number} {what}" for number, what in cards[1:] if gone and number]
            told.append(", ".join([f"{counted(number, 'card')} {what}", *others]))
        else:
            told.append(f"the same {counted(self.kept, 'card')}" if self.kept else "no card, as before")
        if self.rules:
            told.append(f"{counted(len(self.rules), 'rule')} came to something else")
        return "; ".join(told)

    @property
    def is_empty(self) -> bool:
        return not (self.prognosis or self.pattern or self.gone or self.new or self.rules)


def difference(before: Mapping[str, Any], after: Mapping[str, Any], texts: RuleTexts) -> Difference:
    """From the body of one decision to that of another."""
    was, now = _cards(before), _cards(after)
    return Difference(
        prognosis=next(_moves({"Prognosis": _group(before)}, {"Prognosis": _group(after)}), None),
        pattern=tuple(_moves(_pattern(before), _pattern(after))),
        gone=tuple(was[key] for key in was if key not in now),
        new=tuple(now[key] for key in now if key not in was),
        kept=sum(key in now for key in was),
        rules=tuple(_rule_moves(_outcomes(before), _outcomes(after), texts)),
        facts=tuple(_moves(_facts(before), _facts(after))),
    )


def _moves(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Move]:
    for label in dict.fromkeys([*before, *after]):
        was, now = before.get(label, "unknown"), after.get(label, "unknown")
        if was != now:
            yield Move(label=label, before=was, after=now)


def _cards(body: Mapping[str, Any]) -> dict[tuple[str, str, str], CardLine]:
    found = {}
    for card in (body.get("result") or {}).get("cards") or ():
        hooks = ", ".join(map(str, (card.get("extension") or {}).get("org.osteon.hooks") or ()))
        indicator = mark(INDICATORS, card.get("indicator"))
        line = CardLine(indicator=indicator, summary=str(card.get("summary", "")), hooks=hooks)
        found[(indicator.kind, line.summary, hooks)] = line
    return found


def _group(body: Mapping[str, Any]) -> str:
    said = (body.get("result") or {}).get("prognosis") or {}
    group = choice_in_words(str(said.get("group") or "unknown"))
    if said.get("group") != "indeterminate":
        return group
    return f"{group} ({' or '.join(choice_in_words(str(each)) for each in said.get('possible') or ())})"


def _pattern(body: Mapping[str, Any]) -> dict[str, str]:
    result = body.get("result") or {}
    pattern = {
        fact_label("tumour.subtype" if name == "subtype" else f"pattern.{name}"): value_in_words("", value)
        for name, value in (result.get("pattern") or {}).items()
    }
    return {**pattern, **{f"{drug} around radiotherapy": _timing(value) for drug, value in _exposure(result)}}


def _exposure(result: Json) -> Iterable[tuple[str, Any]]:
    return ((str(drug), value) for drug, value in (result.get("exposure") or {}).items())


def _timing(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(value_in_words("drug.exposure", each) for each in values)


def _outcomes(body: Mapping[str, Any]) -> dict[str, str]:
    """The gravest outcome of each rule that fired, is open or was suppressed."""
    rules = (body.get("result") or {}).get("rules") or {}
    return {
        **{str(id): "suppressed" for id in rules.get("suppressed") or ()},
        **{str(each["id"]): "undetermined" for each in rules.get("undetermined") or ()},
        **{str(each["id"]): "fired" for each in rules.get("fired") or ()},
    }


def _rule_moves(before: Mapping[str, str], after: Mapping[str, str], texts: RuleTexts) -> Iterator[RuleMove]:
    order = list(OUTCOMES)
    changed = [id for id in {**before, **after} if before.get(id) != after.get(id)]
    for id in sorted(changed, key=lambda id: (order.index(after.get(id, NOT_FIRED)), id)):
        yield RuleMove(
            id=id,
            title=texts.title(id),
            before=mark(OUTCOMES, before.get(id, NOT_FIRED)),
            after=mark(OUTCOMES, after.get(id, NOT_FIRED)),
        )


def _facts(body: Mapping[str, Any]) -> dict[str, str]:
    """What was read, by a label that tells elements apart."""
    record, on = body.get("record") or {}, evaluation_day(body)
    found = {
        fact_label(name): value_in_words(name, said.get("value"), on)
        for name, said in (record.get("facts") or {}).items()
    }
    for conflict in record.get("conflicts") or ():
        found[fact_label(str(conflict.get("name")))] = "sources disagree"
    for key in LISTS:
        for place, member in enumerate(record.get(key) or ()):
            title = member_title(key, place, member["facts"])
            for name, said in member["facts"].items():
                found[f"{title}, {fact_label(name)}"] = value_in_words(name, said.get("value"), on)
    return found
