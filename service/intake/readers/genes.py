"""Genes and PD-L1: a mutation of BRCA1 or BRCA2 by its own test or as a variant, and the result of PD-L1.

A mutation of either gene is one; that there is none takes both of them. That a gene was studied and no
variant was sent tells nothing: what was found may not have been sent.
"""

from __future__ import annotations

from rulesets.facts import tumour
from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.readers.results import Result, coded, presence, source_of, state

_GENES = frozenset({"BRCA1", "BRCA2"})
_TESTS = {"brca1": "BRCA1", "brca2": "BRCA2"}


def read(chart: Chart, found: list[Result]) -> None:
    free: dict[str, list[Result]] = {}
    for result in found:
        status = presence(chart, result) if result.meaning in ("pdl1", "brca", *_TESTS) else ""
        if result.meaning == "pdl1" and status in ("positive", "negative"):
            state(chart, result, tumour.pdl1.name, status, source_of(chart, result))
        elif status == "positive" or (result.meaning == "brca" and status == "negative"):
            state(chart, result, tumour.brca_mutated.name, status == "positive", source_of(chart, result))
        elif status == "negative":
            free.setdefault(_TESTS[result.meaning], []).append(result)
    _read_variants(chart, found, free)
    _read_free(chart, free)


def _read_free(chart: Chart, free: dict[str, list[Result]]) -> None:
    """That there is no mutation, when results say it of both genes."""
    for result in (one for same in free.values() for one in same):
        if free.keys() >= _GENES:
            state(chart, result, tumour.brca_mutated.name, False, source_of(chart, result))
        else:
            text = "One of the two genes without a mutation does not tell that there is none."
            chart.say("imprecise", text, result.entry, result.element("code"))


def _read_variants(chart: Chart, found: list[Result], free: dict[str, list[Result]]) -> None:
    """Variants that are pathogenic in one of the genes; one that is absent frees a gene unless it is a certain one."""
    by_observation: dict[str, dict[str, Result]] = {}
    for result in found:
        if result.meaning in ("variant", "gene", "significance", "genomic_source"):
            by_observation.setdefault(result.entry.reference, {})[result.meaning] = result
    for said in by_observation.values():
        if not {"variant", "gene"} <= said.keys():
            continue
        genes = {match.target for match in coded(chart, said["gene"], "genes")}
        if not genes or not genes <= _GENES:
            continue
        status = presence(chart, said["variant"])
        if status == "positive" and "significance" in said:
            if {match.target for match in coded(chart, said["significance"], "significance-values")} == {"pathogenic"}:
                state(chart, said["variant"], tumour.brca_mutated.name, True, source_of(chart, said["variant"]))
        elif status == "negative" and len(genes) == 1 and _is_of_whole_gene(said):
            free.setdefault(genes.pop(), []).append(said["variant"])


def _is_of_whole_gene(said: dict[str, Result]) -> bool:
    """Whether nothing but the gene is named: what else is named may be the one variant that was looked for."""
    components = objects(said["variant"].entry.resource, "component")
    return len(components) == sum(result.path.startswith("component") for result in said.values())
