"""Which exam answers which question about the skeleton, and what it cannot exclude."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
