"""Fitting drugs around radiotherapy (imbrication): one module per class of drug, joined in order."""

from rulesets.imbrication import anti_her2, cdk46, checkpoint, cytotoxic, endocrine, mtor_pi3k, parp, unknown
from rulesets.rule import Rule

RULES: tuple[Rule, ...] = (
    *cytotoxic.RULES,
    *endocrine.RULES,
    *mtor_pi3k.RULES,
    *cdk46.RULES,
    *anti_her2.RULES,
    *parp.RULES,
    *checkpoint.RULES,
    *unknown.RULES,
)
"""The order breaks ties between rules of equal gravity when cards are merged: it is part of the meaning."""
