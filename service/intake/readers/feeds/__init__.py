"""Which elements of which resources the readers make facts of, and by which concept maps.

A declaration, held to the readers by a test: whatever they read of any patient of the tests is
declared here, and each declaration is seen at work. ``fhir_profiles/FACTS.md`` and the hints on cards
are printed from it. Beside this, any open fact may be sent as an observation under its own name.
"""

from __future__ import annotations

from service.intake.readers.feeds.disease import CONDITION, IMAGING, OBSERVATION, PATIENT, REPORT
from service.intake.readers.feeds.feed import MEDICATION_RESOURCES, Feed
from service.intake.readers.feeds.treatment import CARE_PLAN, LINKS, MEDICATION, OPERATION, ORDER, RADIOTHERAPY

__all__ = ["FEEDS", "MEDICATION_RESOURCES", "UNREAD", "Feed"]

STATED = (
    Feed(
        facts=("lesion.site",), resources=("Observation",), elements=("bodySite",), by="bone-sites",
        says="of an observation of a lesion's facts",
    ),
    Feed(
        facts=("lesion.site",), resources=("BodyStructure",), elements=("location",), by="bone-sites",
        says="the focus of an observation of a lesion's facts",
    ),
)  # fmt: skip

FEEDS: tuple[Feed, ...] = (
    *PATIENT, *CONDITION, *OBSERVATION, *REPORT, *IMAGING, *MEDICATION, *ORDER, *RADIOTHERAPY, *OPERATION, *LINKS,
    *CARE_PLAN, *STATED,
)  # fmt: skip

UNREAD: dict[str, str] = {
    "condition-receptors hr_positive": "oestrogen or progesterone receptor, and not which: told",
    "conditions cancer_pain": "pain of the cancer, which need not be of bone",
    "conditions fracture_cause_unstated": "a pathological fracture of a cause that is not stated",
    "conditions lymph_nodes": "nodes that may be regional: told, and not counted",
    "conditions malignancy_unspecified": "a cancer whose place only the body site tells",
    "conditions regional_nodes": "regional nodes are no distant metastasis",
    "conditions breast": "a metastasis in a breast is counted under no organ",
    "observations body_weight": "used to reckon a dose per kg",
    "observations gene": "read together with a variant",
    "observations genomic_source": "no rule asks whether a variant is inherited",
    "observations her2_copy_number": "read together with a ratio",
    "observations karnofsky": "told, and not converted to ECOG",
    "observations n_category": "no rule asks for it",
    "observations recurrence": "read together with the M category of its classification",
    "observations significance": "read together with a variant",
    "observations t_category": "no rule asks for it",
}
"""Answers of maps that feed no fact, and why."""
