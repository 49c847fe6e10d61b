"""Genes and PD-L1: a mutation of BRCA1 or BRCA2 by its own test or as a variant, and the result of PD-L1."""

from __future__ import annotations

from service.intake.chart import Chart
from service.intake.readers.results import Result, coded, presence, source_of, state


def read(chart: Chart, found: list[Result]) -> None:
    for result in found:
        if result.meaning == "pdl1" and (status := presence(chart, result)) in ("positive", "negative"):
            state(chart, result, "tumour.pdl1", status, source_of(chart, result))
        elif result.meaning == "brca" and (status := presence(chart, result)) in ("positive", "negative"):
            state(chart, result, "tumour.brca_mutated", status == "positive", source_of(chart, result))
    _brca_genes(chart, found)
    _variants(chart, found)


def _brca_genes(chart: Chart, found: list[Result]) -> None:
    """A mutation of either gene is one; that there is none takes both of them."""
    absent: dict[str, list[Result]] = {}
    for result in found:
        if result.meaning not in ("brca1", "brca2"):
            continue
        status = presence(chart, result)
        if status == "positive":
            state(chart, result, "tumour.brca_mutated", True, source_of(chart, result))
        elif status == "negative":
            absent.setdefault(result.meaning, []).append(result)
    for result in (one for same in absent.values() for one in same):
        if len(absent) == 2:
            state(chart, result, "tumour.brca_mutated", False, source_of(chart, result))
        else:
            text = "One of the two genes without a mutation does not tell that there is none."
            chart.say("imprecise", text, result.entry, result.element("code"))


def _variants(chart: Chart, found: list[Result]) -> None:
    by_observation: dict[str, list[Result]] = {}
    for result in found:
        if result.meaning in ("variant", "gene", "significance"):
            by_observation.setdefault(result.entry.reference, []).append(result)
    for same in by_observation.values():
        said = {result.meaning: result for result in same}
        if set(said) != {"variant", "gene", "significance"}:
            continue
        genes = {match.target for match in coded(chart, said["gene"], "genes")}
        pathogenic = {match.target for match in coded(chart, said["significance"], "significance-values")} == {
            "pathogenic"
        }
        if genes and genes <= {"BRCA1", "BRCA2"} and pathogenic and presence(chart, said["variant"]) == "positive":
            state(chart, said["variant"], "tumour.brca_mutated", True, source_of(chart, said["variant"]))
