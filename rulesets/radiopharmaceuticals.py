"""Radiopharmaceuticals for bone pain at several sites."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
