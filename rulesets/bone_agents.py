"""Drugs that protect bone."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
