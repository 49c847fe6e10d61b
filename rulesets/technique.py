"""How radiotherapy of bone is planned and given."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
