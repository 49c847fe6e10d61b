"""What follows from the prognostic group, from pain, and from biology."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
