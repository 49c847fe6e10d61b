"""What a card on a radiopharmaceutical adds: the evidence of the agent ordered, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulesets.language import Value
from rulesets.record import Member, Record
from service.cards.lines_radiopharmaceuticals import HOSTS, LINES
from tests.rulesets.building import drug, facts, record
from tests.support.lines import concluded, lines_of


def ordering(agent: str | None, values: dict[str, Value]) -> Record:
    said = {"order.kind": "radiopharmaceutical"} | ({"order.agent": agent} if agent else {})
    order = Member(key="orders/0", facts=facts(said), in_request=True)
    return replace(record(values, drugs=(drug(name="capecitabine", status="active"),)), orders=(order,))


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("strontium-89", "- Strontium-89 in breast cancer: pain relief in 75%"),
        ("radium ra-223 dichloride", "- Radium-223 in breast cancer: pain relief in up to 60%"),
        ("rhenium-186", "- Rhenium-186 in breast cancer: pain relief in 60%"),
        ("samarium-153", "- Samarium-153 in breast cancer: named by the paper, which gives no outcome"),
        ("lutetium <177>", "- lutetium &lt;177&gt;: the paper says nothing of it."),
    ],
)
def test_the_evidence_is_that_of_the_agent_ordered(agent: str, said: str) -> None:
    [line] = lines_of(LINES, HOSTS[0], concluded(ordering(agent, {"patient.bone_pain": False})))

    assert line.startswith(said)


def test_an_order_that_names_no_agent_gets_no_line() -> None:
    assert lines_of(LINES, HOSTS[0], concluded(ordering(None, {"patient.bone_pain": False}))) == []


def test_the_evidence_is_said_once_beside_the_first_warning() -> None:
    conclusion = concluded(ordering("strontium-89", {"patient.bone_pain": False, "mets.bone_lesion_count": 1}))

    told = {id: lines_of(LINES, id, conclusion) for id in HOSTS[:3]}

    assert [len(lines) for lines in told.values()] == [1, 0, 0]


def test_without_the_first_the_next_carries_it() -> None:
    conclusion = concluded(ordering("strontium-89", {"patient.bone_pain": True, "mets.bone_lesion_count": 1}))

    assert len(lines_of(LINES, HOSTS[1], conclusion)) == 1
    assert lines_of(LINES, HOSTS[2], conclusion) == []
