"""Which dose of radiotherapy fits the aim: biological dose, and the regimens of Tables 1a and 1b.

Whether a dose is enough is judged at one alpha/beta, whether it is too much at another: at that of tumour a
single large fraction looks harmless to the cord, which it is not. The paper names no alpha/beta and gives no
limit for any organ at risk, and no card says otherwise.
"""

from rulesets.dose import checks, palliative, radical, upper_limits
from rulesets.rule import Rule

RULES: tuple[Rule, ...] = (
    *radical.RULES,
    *upper_limits.RULES,
    *palliative.RULES,
    *checks.RULES,
)
"""The order breaks ties between rules of equal gravity when cards are merged: it is part of the meaning."""
