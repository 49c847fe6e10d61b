"""One decision on one page: what it was about, the picture, cards, rules and facts, and what it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.pages.cards import CardsOfHook, ShownCard, by_hook, cards_of
from service.pages.fact_book import FactBook
from service.pages.facts import FactGroup
from service.pages.picture import Picture, picture_of
from service.pages.rules import SHOWN, RuleTexts, ShownRule, rules_of
from service.pages.words import (
    ENDINGS,
    Mark,
    capital,
    choice_in_words,
    counted,
    day,
    duration,
    fact_label,
    mark,
    moment,
    value_in_words,
)
from service.record_json import Json

MOST_MISSING = 6
TRY_IT = "try-it"
"""What the header of a decision names as the service when it was made on the page Try it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One thing of a strip or list: what it is called, what it is, and a longer form of that."""

    label: str
    value: str
    full: str = ""
    is_code: bool = False


@dataclass(frozen=True, kw_only=True)
class Prognosis:
    group: str
    possible: str
    missing: tuple[str, ...]  # what would decide, the first few
    more_missing: int
    points: str
    lean: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision as it is shown; without a body (erased, or failed) most of it is empty."""

    id: str
    title: str
    is_erased: bool
    failure: str
    ending: Mark
    strip: tuple[Told, ...]
    prognosis: Prognosis | None
    pattern: tuple[Told, ...]
    exposures: tuple[Told, ...]
    picture: Picture | None
    cards: tuple[ShownCard, ...]
    as_charted: frozenset[str]  # anchors of cards whose rules hold on the record without what the request orders
    hooks: tuple[CardsOfHook, ...]
    spoken: tuple[ShownRule, ...]
    open_rules: tuple[ShownRule, ...]
    other_rules: tuple[ShownRule, ...]
    asked_rule: ShownRule | None  # the one whose reasons were asked for
    facts: tuple[FactGroup, ...]
    unused: FactGroup
    titles: Mapping[str, str]
    called: Mapping[str, str]  # elements by their keys
    warnings: tuple[Told, ...]
    inputs: tuple[Told, ...]
    made_with: tuple[Told, ...]
    has_clauses: bool
    can_change: bool

    @property
    def rules(self) -> tuple[ShownRule, ...]:
        """Those that fired or could not be decided: what the picture shows."""
        return (*self.spoken, *self.open_rules)

    @property
    def leading(self) -> tuple[ShownRule, ...]:
        """Those that fired and speak on a card."""
        return tuple(rule for rule in self.spoken if self._speaks(rule))

    @property
    def silent(self) -> tuple[ShownRule, ...]:
        """Those that fired and are on no card: they classify, or their card gave way to a graver one."""
        return tuple(rule for rule in self.spoken if not self._speaks(rule))

    def _speaks(self, rule: ShownRule) -> bool:
        return any(rule.id in card.rules for card in self.cards)

    @property
    def other_topics(self) -> tuple[tuple[str, tuple[ShownRule, ...]], ...]:
        """Rules that did not fire by topic, in the rulebook's order."""
        found: dict[str, list[ShownRule]] = {}
        for rule in self.other_rules:
            found.setdefault(rule.topic or "Other", []).append(rule)
        return tuple((topic, tuple(rules)) for topic, rules in found.items())

    @property
    def anchors(self) -> dict[str, str]:
        """Where each rule of the page stands."""
        return {rule.id: rule.anchor for rule in (*self.rules, *self.other_rules)}


def decision_of(
    header: Json, body: Json | None, rules: Iterable[Mapping[str, Any]], *, is_erased: bool, asked: str = ""
) -> Decision:
    """The page of a decision. ``rules`` are those of its rulebook, as data, as far as they are known.

    ``asked`` is the id of a rule whose reasons are to stand first.
    """
    body = body or {}
    result = body.get("result") if isinstance(body.get("result"), dict) else {}
    assert isinstance(result, dict)
    texts = RuleTexts(rules, body.get("thresholds") or {})
    book = FactBook(body)
    told = rules_of(body, book, texts)
    cards = cards_of(body)
    failure = body.get("failure") or {}
    prognosis = prognosis_of(result.get("prognosis") or {})
    active = {rule.id for rule in told if rule.outcome.word in SHOWN}
    leading = [rule for card in cards for rule in card.rules]

    def speaking(rule: ShownRule) -> int:
        return leading.index(rule.id) if rule.id in leading else len(leading)

    return Decision(
        id=str(header.get("id", "")),
        title=_title(prognosis, cards, is_erased=is_erased, failed=bool(failure)),
        is_erased=is_erased,
        failure=str(failure.get("says", "")) if failure else "",
        ending=mark(ENDINGS, header.get("outcome")),
        strip=tuple(_strip(header, body)),
        prognosis=prognosis,
        pattern=tuple(pattern_of(result)),
        exposures=tuple(_exposures(result)),
        picture=picture_of(told, cards),
        cards=cards,
        as_charted=frozenset(card.anchor for card in cards if card.rules and not active & set(card.rules)),
        hooks=by_hook(cards),
        spoken=tuple(sorted((rule for rule in told if rule.outcome.word in ("fired", "error")), key=speaking)),
        open_rules=tuple(rule for rule in told if rule.outcome.word == "undetermined"),
        other_rules=tuple(rule for rule in told if rule.outcome.word not in SHOWN),
        asked_rule=next((rule for rule in told if rule.id == asked), None),
        facts=book.groups(),
        unused=book.unused(),
        titles={rule.id: rule.title for rule in told},
        called={key: book.members.owner(key).called for row in book.rows for key in row.owners},
        warnings=tuple(
            Told(label=choice_in_words(str(each.get("code", ""))), value=str(each.get("text", "")), full=_where(each))
            for each in result.get("warnings") or ()
        ),
        inputs=tuple(
            Told(label=str(each.get("reference", "")), value=str(each.get("version") or ""), full=str(each["sha256"]))
            for each in body.get("inputs") or ()
        ),
        made_with=tuple(_made_with(header)),
        has_clauses=isinstance(body.get("rules"), list),
        can_change=bool(result) and isinstance(body.get("record"), dict),
    )


def prognosis_of(said: Json) -> Prognosis | None:
    if not said.get("group"):
        return None
    points, missing = said.get("points"), said.get("missing") or ()
    return Prognosis(
        group=choice_in_words(str(said["group"])),
        possible=" or ".join(choice_in_words(str(each)) for each in said.get("possible") or ()),
        missing=tuple(fact_label(str(each)) for each in missing[:MOST_MISSING]),
        more_missing=max(len(missing) - MOST_MISSING, 0),
        points=value_in_words("", points) if isinstance(points, dict) else "",
        lean=choice_in_words(str(said["lean"])) if said.get("lean") else "",
    )


def pattern_of(result: Json) -> Iterable[Told]:
    """The pattern of disease; what is not known is said to be unknown."""
    names = {"subtype": "tumour.subtype"}
    for name, value in (result.get("pattern") or {}).items():
        fact = names.get(name, f"pattern.{name}")
        yield Told(label=fact_label(fact), value=value_in_words(fact, value))


def door_of(header: Json) -> str:
    """How a decision was asked for, in words."""
    if header.get("service") == TRY_IT:
        return "Try it"
    return f"hook {header.get('hook')}" if header.get("kind") == "hook" else "evaluate"


def _title(prognosis: Prognosis | None, cards: Sequence[ShownCard], *, is_erased: bool, failed: bool) -> str:
    if is_erased:
        return "An erased decision"
    if failed:
        return "A decision that could not be made"
    group = f"{capital(prognosis.group)} prognosis" if prognosis else "A decision"
    if prognosis and prognosis.group == "indeterminate":
        group = "Prognosis open"
    critical = sum(card.indicator.kind == "critical" for card in cards)
    return f"{group}, {counted(len(cards), 'card')}" + (f", {critical} critical" if critical else "")


def _strip(header: Json, body: Json) -> Iterable[Told]:
    request = body.get("request") or {}
    if patient := str(request.get("patient") or ""):
        yield Told(label="Patient", value=patient, is_code=True)
    yield Told(label="Judged for", value=day(str(header.get("evaluation_date", ""))))
    yield Told(label="Decided", value=moment(str(header.get("decided_at", ""))))
    hooks = ", ".join(map(str, request.get("hooks") or ())) if header.get("kind") != "hook" else ""
    yield Told(label="Asked through", value=door_of(header), full=hooks)
    if client := str(header.get("client") or ""):
        yield Told(label="Client", value=client)
    yield Told(label="Took", value=duration(header.get("duration_ns")))
    if degraded := header.get("degraded"):
        yield Told(label="Not everything could be used", value=", ".join(map(str, degraded)))
    yield Told(label="Record", value=f"{header.get('seq', '')}")


def _exposures(result: Json) -> Iterable[Told]:
    for drug, value in (result.get("exposure") or {}).items():
        values = value if isinstance(value, list) else [value]
        yield Told(label=str(drug), value=", ".join(value_in_words("drug.exposure", each) for each in values))


def _where(warning: Json) -> str:
    return ", ".join(str(warning[name]) for name in ("reference", "element") if warning.get(name))


def _made_with(header: Json) -> Iterable[Told]:
    names = {
        "id": "Trace",
        "rulebook": "Rulebook",
        "rules": "Rules",
        "thresholds": "Thresholds",
        "terminology": "Terminology",
        "request_digest": "Request, SHA-256",
        "body_commitment": "Commitment to the body",
        "prev_hash": "Leaf before",
        "leaf_hash": "Leaf",
        "service_version": "Osteon",
        "engine": "Engine",
    }
    for name, label in names.items():
        if value := header.get(name):
            yield Told(label=label, value=str(value), is_code=True)
