"""When tissue is needed before bone metastases are treated."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
