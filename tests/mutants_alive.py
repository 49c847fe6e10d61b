"""Why a mutant may live: what is changed, as ``python -m tests.mutants`` names it, and the reason."""

from __future__ import annotations

STRICT = "A completion has a value for every fact of its dimension: it is made by going through them."
HALVED = "A search that begins with more than it needs finds the same, a step later."
REMEMBERED = "How much is remembered changes no answer; that it is bounded has a test with a bound of its own."
KNOWN_TOGETHER = "A regimen has its two doses and its fractions, or none of the three."
RECORD = "The criteria read the values of a record by name; neither its date nor the name in a fact is read again."

REASONS: dict[str, str] = {
    "rulesets/likelihood.py: case _: return None → nothing": "A function that ends without a return gives None as well.",
    "rulesets/exposure.py: }.get(status or \"\", (ANY_DAY, ANY_DAY)) → }.get(status or \"XXXX\", (ANY_DAY, ANY_DAY))":
        "Any word that is no status stands for an unknown one.",
    "rulesets/exposure.py: return -inf, -inf → return +inf, -inf":
        "Between a fewest and a most of no days there is no day either way.",
    "rulesets/regimens.py: if self.least is None or self.most is None or self.fractions: self.least is None or self.most is None or self.fractions is None with And":
        KNOWN_TOGETHER,
    "rulesets/biological_dose.py: too_little, enough = 0, math.ceil(target * 10): 0 becomes -1": HALVED,
    "rulesets/biological_dose.py: too_little, enough = 0, math.ceil(target * 10): 10 becomes 11": HALVED,
    "rulesets/regimens.py: if self.least is None or self.most is None or self.fractions is None: → if self.least is None or self.most is None and self.fractions is None:": KNOWN_TOGETHER,
    "rulesets/regimens.py: if self.least is None or self.most is None or self.fractions is None: → if self.least is None and self.most is None or self.fractions is None:": KNOWN_TOGETHER,
    'rulesets/thresholds.py: POST_RT_GAP_OTHER_DAYS = _ours("post_rt_gap_other_days", 0, : default 0 becomes 1':
        "A first dose on the day of the last fraction is concurrent, so that no day and one day are the same: "
        "tests/rulesets/test_cuts.py.",
    "service/reasoning/prognosis.py: if verdict.truth is Truth.TRUE and isinstance(verdict.judged, Definition) → if verdict.truth is Truth.TRUE or isinstance(verdict.judged, Definition)":
        "The engine gives no verdict on what is false, and of a tally that is known nothing is open.",
    **{
        f"service/reasoning/prognosis.py: known = {{fact.name: value for fact, value in zip(dimension.facts, completion, strict=True)}} → known = {{fact.name: value for fact, value in zip(dimension.facts, completion, {strict})}}": STRICT
        for strict in ("strict=None", "strict=False", "")
    },
    "service/reasoning/prognosis.py: facts = {name: Fact(name=name, value=value) for name, value in values.items() if value is not None} → facts = {name: Fact(name=None, value=value) for name, value in values.items() if value is not None}": RECORD,
    "service/reasoning/prognosis.py: return Record(evaluation_date=NO_DATE, facts=facts) → return Record(evaluation_date=None, facts=facts)": RECORD,
    "service/reasoning/prognosis.py: NO_DATE = date.min: date.min becomes max": RECORD,
    "service/reasoning/prognosis.py: MOST_REMEMBERED = 4096: 4096 becomes 4097": REMEMBERED,
    "service/reasoning/prognosis.py: MOST_REMEMBERED = 4096: 4096 becomes 4095": REMEMBERED,
    "service/reasoning/prognosis.py: unfavourable_features: int = 0: 0 becomes 1":
        "The default is used only where the general condition is tried as compromised: the group is poor then, and features only lean "
        "within the intermediate one.",
}  # fmt: skip
