"""When an operation on bone helps, and when it does harm."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
