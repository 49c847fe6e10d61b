"""What a card on fractures adds about the cortex."""

from __future__ import annotations

from service.cards.lines_biopsy import LINES
from tests.rulesets.building import lesion, record
from tests.support.lines import concluded, lines_of

ORTHOPAEDICS = "pathway.ortho-evaluation"


def test_a_preserved_cortex_is_told_beside_the_orthopaedic_advice() -> None:
    spine = lesion("Condition/1", site="vertebra", fracture="fractured", cortex="preserved")
    femur = lesion("Condition/2", site="long_bone", fracture="fractured", cortex="destroyed")

    [line] = lines_of(LINES, ORTHOPAEDICS, concluded(record({"mets.status": "suspected"}, lesions=(spine, femur))))

    assert "vertebra" in line and "suggests osteoporosis and does not prove it" in line
    assert "long bone" not in line


def test_nothing_is_said_of_the_cortex_where_metastases_are_confirmed_or_it_is_not_described() -> None:
    described = lesion(site="vertebra", fracture="fractured", cortex="preserved")
    not_described = lesion(site="vertebra", fracture="fractured")

    confirmed = concluded(record({"mets.status": "confirmed"}, lesions=(described,)))
    unseen = concluded(record({"mets.status": "suspected"}, lesions=(not_described,)))

    assert lines_of(LINES, ORTHOPAEDICS, confirmed) == lines_of(LINES, ORTHOPAEDICS, unseen) == []
