"""Who is at risk of bone metastases, and when symptoms ask for a search."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
