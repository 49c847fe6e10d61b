"""Which dose of radiotherapy fits the aim: biological dose, and the regimens of Tables 1a and 1b."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
