"""Vertebroplasty, cementoplasty, ablation and embolisation."""

from rulesets.rule import Rule

RULES: tuple[Rule, ...] = ()
