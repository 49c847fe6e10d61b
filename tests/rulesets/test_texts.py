"""What rules say is said in sentences; titles and summaries are lines and have no full stop."""

from __future__ import annotations

import pytest

from rulesets.rule import Rule
from rulesets.rulebook import RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_text_a_card_prints_is_a_sentence(rule: Rule) -> None:
    said = [statement.says for statement in rule.statements] + [note.says for note in rule.since]
    for text in (rule.detail, rule.indicator_because, *rule.ambiguities, *said):
        assert not text or text.rstrip(")").endswith((".", "?")), text
    assert not rule.summary.endswith(".") and not rule.title.endswith(".")
