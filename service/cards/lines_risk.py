"""Lines of cards on the risk of bone metastases: figures of groups, adverse factors, where relapses begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.facts import risk, tumour
from rulesets.risk.profile import ADVERSE_FACTORS
from rulesets.risk.published import CUMULATIVE_INCIDENCE, FIRST_RELAPSE
from rulesets.words import label, listed
from service.cards.text import authored, choice
from service.reasoning.findings import Conclusion, Firing

FOLLOW_UP = "risk.tailored-follow-up"
PROFILE = "risk.adverse-factor-profile"
TROPISM = "risk.subtype-tropism"
WITH_FIGURES = ("risk.nodes-ge4", "risk.first-event-locoregional")


def _follow_up_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The figures of the criteria that hold, the other factors, and where such a tumour relapses first."""
    figures = [firing.rule.detail for firing in conclusion.fired if firing.rule.id in WITH_FIGURES]
    said = [f"- {authored(conclusion.thresholds.filled(figure))}" for figure in figures]
    return [*said, *_adverse_factors(conclusion), *_first_relapse(conclusion)]


def _symptom_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The adverse factors, unless the advice on follow-up beside it lists them already."""
    ids = _ids(conclusion)
    return _adverse_factors(conclusion) if PROFILE in ids and FOLLOW_UP not in ids else []


def _adverse_factors(conclusion: Conclusion) -> list[str]:
    present, unknown = (_names(conclusion, of.name) for of in (risk.adverse_factors, risk.adverse_factors_unknown))
    says = [conclusion.thresholds.filled(factor.says) for factor in ADVERSE_FACTORS if factor.name in present]
    open_ = [label(factor.fact.name) for factor in ADVERSE_FACTORS if factor.name in unknown]
    parts = [f"Reported adverse factors, unweighted: {listed(says)}."] if says else []
    parts += [f"Reported as adverse too, but not known here: {listed(open_)}."] if open_ else []
    return [f"- {authored(' '.join(parts))}"] if parts else []


def _first_relapse(conclusion: Conclusion) -> list[str]:
    if TROPISM not in _ids(conclusion):
        return []
    subtype = str(conclusion.record.value(tumour.subtype.name))
    shares = [f"{organ} in {share}%" for organ, share in FIRST_RELAPSE.get(subtype, {}).items()]
    return (
        [] if not shares else [f"- First relapse of {choice(subtype)} disease in a registry (SEER): {listed(shares)}."]
    )


def _incidence_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The published points on either side of the time since diagnosis; none is made up between or beyond."""
    years = conclusion.record.value(tumour.years_since_diagnosis.name)
    if not isinstance(years, int | float):
        return []
    before = [point for point in CUMULATIVE_INCIDENCE if point[0] <= years][-1:]
    after = [point for point in CUMULATIVE_INCIDENCE if point[0] >= years][:1]
    nearest = [f"{share}% within {year} year{'' if year == 1 else 's'}" for year, share in dict(before + after).items()]
    beyond = "" if after else "; there is no figure beyond"
    return [f"Nearest to {years:g} years since diagnosis: {listed(nearest)}{beyond}."]


def _ids(conclusion: Conclusion) -> set[str]:
    return {firing.rule.id for firing in conclusion.fired}


def _names(conclusion: Conclusion, name: str) -> tuple[str, ...]:
    value = conclusion.record.value(name)
    return value if isinstance(value, tuple) else ()


LINES: Mapping[str, Callable[[Conclusion, tuple[Firing, ...]], list[str]]] = {
    FOLLOW_UP: _follow_up_lines,
    "risk.symptomatic-investigate": _symptom_lines,
    "risk.cumulative-incidence": _incidence_lines,
}
