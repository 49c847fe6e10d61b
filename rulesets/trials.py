"""The trials of Table 2 as pre-screens: off until a registry confirms that they recruit."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
