"""Which exam answers which question about the skeleton, and what it cannot exclude; by theme, joined in order."""

from rulesets.imaging import accuracy, ct_mri, extent, hybrid, mri_orders, pet, scintigraphy
from rulesets.rule import Definition, Rule

DEFINITIONS: tuple[Definition, ...] = ct_mri.DEFINITIONS

RULES: tuple[Rule, ...] = (
    *scintigraphy.RULES,
    *ct_mri.RULES,
    *mri_orders.RULES,
    *pet.RULES,
    *hybrid.RULES,
    *extent.RULES,
    *accuracy.RULES,
)
"""The order breaks ties between rules of equal gravity when cards are merged: it is part of the meaning."""
