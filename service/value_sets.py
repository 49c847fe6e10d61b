"""The value sets of ``fhir_profiles`` that list what a concept map maps: made from the maps, never written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.fact_resources import JSON, head
from service.intake.terminology import TEXT


@dataclass(frozen=True, kw_only=True)
class Made:
    """A value set of the codes that a map maps to some of its answers; to any of them when none is named."""

    title: str
    map_name: str
    answers: frozenset[str] = frozenset()


def _of(title: str, map_name: str, *answers: str) -> Made:
    return Made(title=title, map_name=map_name, answers=frozenset(answers))


MADE: Mapping[str, Made] = {
    "breast-cancer": _of("Breast cancer and its recurrence", "conditions", "breast_primary", "breast_recurrence"),
    "secondary-cancer": _of(
        "Distant metastases", "conditions", "bone", "bone_marrow", "liver", "lung", "brain", "other_visceral",
        "distant_nodes", "soft_tissue", "unspecified",
    ),
    "skeletal-complications": _of(
        "Complications of bone metastases", "conditions", "pathological_fracture", "cord_compression", "myelopathy",
        "bone_pain",
    ),
    "spinal-sites": _of("Vertebra and sacrum", "bone-sites", "vertebra", "sacrum"),
    "radiotherapy": _of(
        "Radiotherapy", "radiotherapy-procedures", "radiotherapy", "bone_radiotherapy", "brachytherapy",
        "radiopharmaceutical", "radiotherapy_phase", "radiotherapy_plan",
    ),
    "radiotherapy-techniques": _of("Techniques of radiotherapy", "radiotherapy-techniques"),
    "body-sites": _of("Places of the body", "body-sites"),
    "imaging": _of("Imaging", "imaging"),
    "procedures": _of("Operations and interventions on bone", "procedures"),
    "performance-status": _of("ECOG performance status", "observations", "ecog"),
    "performance-status-values": _of("ECOG performance status, its values", "ecog-values"),
    "haemoglobin": _of("Haemoglobin", "observations", "haemoglobin"),
    "tumour-size": _of("Size of the primary", "observations", "tumour_size"),
    "histologic-grade": _of("Grade of the primary", "observations", "grade", "nottingham"),
    "receptors": _of(
        "Receptors", "observations", "er", "pr", "her2", "her2_ihc", "her2_ish", "her2_ish_ratio", "her2_copy_number"
    ),
    "positive-nodes": _of("Positive nodes", "observations", "positive_nodes", "positive_nodes_at_least"),
    "stage-group": _of("Stage group", "observations", "stage_group"),
    "stage-values": _of("Stages", "stage-values"),
    "metastases-category": _of("M category", "observations", "m_category"),
    "metastases-values": _of("M category, its values", "m-values"),
    "metastasis-site": _of("Site of metastases", "observations", "metastasis_site"),
    "genomic-variant": _of("Genetic variant", "observations", "variant"),
}  # fmt: skip


def made_from_maps(folder: Path) -> dict[str, JSON]:
    """Every made value set, by its path in ``fhir_profiles``."""
    return {f"valuesets/{name}.json": _value_set(folder, name, made) for name, made in MADE.items()}


def _value_set(folder: Path, name: str, made: Made) -> JSON:
    concept_map = json.loads((folder / "conceptmaps" / f"{made.map_name}.json").read_text(encoding="utf-8"))
    answers = f" to {', '.join(sorted(made.answers))}" if made.answers else ""
    text = f"{made.title}: the codes that the concept map {made.map_name} maps{answers}."
    return {
        **head("ValueSet", name, made.title, text),
        "copyright": concept_map["copyright"],
        "compose": {"include": list(_includes(concept_map, made.answers))},
    }


def _includes(concept_map: Mapping[str, Any], answers: frozenset[str]) -> Iterator[JSON]:
    for group in concept_map["group"]:
        if group["source"] == TEXT:  # Phrases are no codes.
            continue
        concepts = [
            {key: element[key] for key in ("extension", "code", "display") if key in element}
            for element in group["element"]
            if any("code" in to and (not answers or to["code"] in answers) for to in element["target"])
        ]
        if concepts:
            yield {"system": group["source"], "concept": concepts}
