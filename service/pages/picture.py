"""The picture of a decision: facts, rules and cards in three columns, and what leads from one to the other.

The layout depends on the decision alone. Of a large one the middle is shown, and how much is left out;
the tables below the picture are complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.cards import ShownCard
from service.pages.facts import ShownFact
from service.pages.rules import ShownRule

MOST_RULES, MOST_FACTS, FEWEST_OPEN = 12, 12, 3
WIDTH = 1240
_FACT = (0, 395)  # where a column begins, and how wide it is
_RULE = (480, 380)
_CARD = (940, 300)
_ROW, _GAP, _LINE, _HEAD = 23, 6, 16, 34
_GROUP = 20
_LETTER = 6.95  # width of a usual letter of the picture's type, in its units


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box with its lines of text; ``href`` leads to the row, rule or card it stands for."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    lines: tuple[str, ...]
    title: str
    href: str
    shape: str = ""

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, kw_only=True)
class Edge:
    path: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Caption:
    x: int
    y: int
    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What to draw. ``says`` is the same in a sentence."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    captions: tuple[Caption, ...]
    says: str


def picture_of(rules: Sequence[ShownRule], cards: Sequence[ShownCard]) -> Picture | None:
    """The picture of fired and undetermined rules; None when there are none.

    A rule that did neither and has a card holds on the record as charted, without what the request orders.
    """
    spoken = {rule for card in cards for rule in card.rules}
    told = [rule for rule in rules if rule.outcome.word in ("fired", "undetermined") or rule.id in spoken]
    if not told:
        return None
    drawn_cards = _once(cards)
    ordered = sorted(told, key=lambda rule: (_first_card(rule, drawn_cards), rule.outcome.word == "undetermined"))
    shown = _chosen(ordered, drawn_cards)
    facts = _facts_of(shown)
    drawn_facts = _nearest_first(facts, shown)[:MOST_FACTS]
    fact_nodes, captions, bottom_facts = _fact_column(_grouped(drawn_facts, shown))
    rule_nodes = {rule.id: _rule_node(rule, place) for place, rule in enumerate(shown)}
    bottom_rules = _HEAD + len(shown) * (_ROW + _GAP)
    card_nodes, bottom_cards = _card_column(drawn_cards)
    captions += [
        _more(_FACT[0], bottom_facts, len(facts) - len(drawn_facts), "fact"),
        _more(_RULE[0], bottom_rules, len(told) - len(shown), "rule"),
    ]
    edges = [
        _edge(fact_nodes[fact.anchor], rule_nodes[rule.id], is_open=fact in rule.missing)
        for rule in shown
        for fact in (*rule.facts, *rule.missing)
        if fact.anchor in fact_nodes
    ]
    edges += [
        _edge(rule_nodes[rule.id], card_nodes[card.anchor], is_open=rule.outcome.word == "undetermined")
        for card in drawn_cards
        for rule in shown
        if rule.id in card.rules
    ]
    heads = [(_FACT, "Facts"), (_RULE, "Rules"), (_CARD, "Cards")]
    fired, undecided = (sum(rule.outcome.word == word for rule in told) for word in ("fired", "undetermined"))
    return Picture(
        width=WIDTH,
        height=max(bottom_facts, bottom_rules, bottom_cards) + 24,
        nodes=(*fact_nodes.values(), *rule_nodes.values(), *card_nodes.values()),
        edges=tuple(edges),
        captions=(
            *(Caption(x=column[0], y=16, text=text, kind="head") for column, text in heads),
            *(caption for caption in captions if caption.text),
        ),
        says=(
            f"{len(facts)} facts lead to {fired} rules that fired and {undecided} that could not be decided; "
            f"these lead to {len(drawn_cards)} cards. The tables below say the same."
        ),
    )


def _once(cards: Sequence[ShownCard]) -> list[ShownCard]:
    """Cards that say the same at several hooks are drawn once."""
    return list({(card.summary, card.indicator.word): card for card in reversed(cards)}.values())[::-1]


def _first_card(rule: ShownRule, cards: Sequence[ShownCard]) -> int:
    return next((place for place, card in enumerate(cards) if rule.id in card.rules), len(cards))


def _chosen(ordered: Sequence[ShownRule], cards: Sequence[ShownCard]) -> list[ShownRule]:
    """Rules with a card first; of those without, fired ones, but some that are open too."""
    spoken = [rule for rule in ordered if _first_card(rule, cards) < len(cards)]
    silent = [rule for rule in ordered if rule not in spoken and rule.outcome.word == "fired"]
    waiting = [rule for rule in ordered if rule not in spoken and rule.outcome.word == "undetermined"]
    room = max(MOST_RULES - len(spoken), 0)
    of_silent = min(len(silent), max(room - min(FEWEST_OPEN, len(waiting)), 0))
    chosen = [*spoken[:MOST_RULES], *silent[:of_silent], *waiting[: room - of_silent]]
    return [rule for rule in ordered if rule in chosen]


def _facts_of(rules: Sequence[ShownRule]) -> list[ShownFact]:
    return list({fact.anchor: fact for rule in rules for fact in (*rule.facts, *rule.missing)}.values())


def _nearest_first(facts: Sequence[ShownFact], rules: Sequence[ShownRule]) -> list[ShownFact]:
    return sorted(facts, key=lambda fact: min(_places(fact, rules)))


def _places(fact: ShownFact, rules: Sequence[ShownRule]) -> list[int]:
    return [place for place, rule in enumerate(rules) if fact in rule.facts or fact in rule.missing]


def _centre(fact: ShownFact, rules: Sequence[ShownRule]) -> float:
    places = _places(fact, rules)
    return sum(places) / len(places)


def _grouped(facts: Sequence[ShownFact], rules: Sequence[ShownRule]) -> list[tuple[str, list[ShownFact]]]:
    """Groups and their facts, each as near to its rules as may be."""
    groups: dict[str, list[ShownFact]] = {}
    for fact in sorted(facts, key=lambda fact: (_centre(fact, rules), fact.anchor)):
        groups.setdefault(fact.group, []).append(fact)

    def centre(item: tuple[str, list[ShownFact]]) -> float:
        return sum(_centre(fact, rules) for fact in item[1]) / len(item[1])

    return sorted(groups.items(), key=centre)


def _fact_column(groups: Sequence[tuple[str, list[ShownFact]]]) -> tuple[dict[str, Node], list[Caption], int]:
    nodes, captions, y = {}, [], _HEAD - 4
    for name, facts in groups:
        captions.append(Caption(x=_FACT[0], y=y + 12, text=_cut(name, _FACT[1]), kind="group"))
        y += _GROUP
        for fact in facts:
            is_open = fact.state in ("unknown", "conflict")
            nodes[fact.anchor] = Node(
                x=_FACT[0],
                y=y,
                width=_FACT[1],
                height=_ROW,
                kind="fact open" if is_open else "fact",
                lines=(_cut(fact.text, _FACT[1] - 30),),
                title=fact.text,
                href=f"#{fact.anchor}",
                shape="?" if is_open else "",
            )
            y += _ROW + _GAP - 1
        y += _GAP
    return nodes, captions, y


def _rule_node(rule: ShownRule, place: int) -> Node:
    is_open = rule.outcome.word == "undetermined"
    tone = rule.indicator.kind if rule.indicator else "info"
    says = rule.outcome.word if rule.outcome.word in ("fired", "undetermined") else "holds on the record as charted"
    return Node(
        x=_RULE[0],
        y=_HEAD + place * (_ROW + _GAP),
        width=_RULE[1],
        height=_ROW,
        kind="rule open" if is_open else f"rule {tone}",
        lines=(_cut(rule.title, _RULE[1] - 34),),
        title=f"{rule.title} ({says})",
        href=f"#{rule.anchor}",
        shape=rule.outcome.shape,
    )


def _card_column(cards: Sequence[ShownCard]) -> tuple[dict[str, Node], int]:
    nodes, y = {}, _HEAD
    for card in cards:
        lines = _wrapped(card.summary, _CARD[1] - 40, 4)
        height = len(lines) * _LINE + 14
        nodes[card.anchor] = Node(
            x=_CARD[0],
            y=y,
            width=_CARD[1],
            height=height,
            kind=f"card {card.indicator.kind}",
            lines=lines,
            title=f"{card.indicator.word}: {card.summary}",
            href=f"#{card.anchor}",
            shape=card.indicator.shape,
        )
        y += height + 2 * _GAP
    return nodes, y


def _more(x: int, y: int, number: int, noun: str) -> Caption:
    text = f"and {number} more {noun}{'' if number == 1 else 's'} in the tables below" if number else ""
    return Caption(x=x, y=y + 14, text=text, kind="more")


def _edge(start: Node, end: Node, *, is_open: bool) -> Edge:
    x1, y1, x2, y2 = start.x + start.width, start.middle, end.x, end.middle
    bend = (x2 - x1) // 2
    return Edge(path=f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", is_open=is_open)


def _cut(text: str, width: float) -> str:
    most = int(width / _LETTER)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _wrapped(text: str, width: float, most: int) -> tuple[str, ...]:
    """The text on at most some lines, broken between words."""
    letters, lines = int(width / _LETTER), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= letters or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [line if len(line) <= letters else line[: letters - 1] + "…" for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = kept[-1][: letters - 2].rstrip() + " …"
    return tuple(kept)
