"""What the trial card adds: every trial as a possible match, possibly one, or not a match."""

from __future__ import annotations

from rulesets.language import Value
from rulesets.trials import RULES
from service.cards.deck import cards_for
from service.cards.lines_trials import LINES
from tests.rulesets.building import record
from tests.support.findings import uuid
from tests.support.lines import concluded, lines_of

CLEAR, NRG, STEREO_SEIN, PROMISE, NCI, CIMER, CURB = (rule.id for rule in RULES)
TITLES = {rule.id: rule.title for rule in RULES}
FEW_METASTASES: dict[str, Value] = {
    "mets.status": "confirmed",
    "mets.organ.bone": "present",
    "mets.lesion_count": 2,
    "tumour.er_primary": "positive",
    "tumour.her2_primary": "negative",
    "mets.onset_assertion": "recurrent",
    "mets.recurrence_interval_months": 30,
}


def test_each_trial_is_a_match_possibly_one_or_none() -> None:
    conclusion = concluded(record(FEW_METASTASES), enable_trials=True)

    lines = lines_of(LINES, NRG, conclusion)

    assert lines == [
        f"- Possibly, missing failed lines for metastatic disease: {TITLES[CLEAR]}",
        f"- Possibly, missing stage at diagnosis: {TITLES[NCI]}",
        f"- Possibly, missing failed lines for metastatic disease: {TITLES[CIMER]}",
        f"- Not a match: {TITLES[STEREO_SEIN]}; {TITLES[PROMISE]}; {TITLES[CURB]}",
    ]


def test_the_others_are_told_once_beside_the_first_match() -> None:
    conclusion = concluded(
        record(FEW_METASTASES | {"tumour.stage": "IIIC", "systemic.prior_lines_metastatic": 0}), enable_trials=True
    )

    told = {id: lines_of(LINES, id, conclusion) for id in (CLEAR, NRG, NCI, CIMER)}

    assert [len(lines) for lines in told.values()] == [1, 0, 0, 0]
    assert told[CLEAR] == [f"- Not a match: {TITLES[STEREO_SEIN]}; {TITLES[PROMISE]}; {TITLES[CURB]}"]


def test_a_fact_that_sources_leave_open_is_named_even_when_no_question_would_settle_it() -> None:
    conflict: dict[str, Value] = {"mets.onset_assertion": "recurrent", "mets.days_from_primary": 10}

    lines = lines_of(LINES, NRG, concluded(record(FEW_METASTASES | conflict), enable_trials=True))

    assert f"- Possibly, missing de novo or recurrent: {TITLES[STEREO_SEIN]}" in lines


def test_the_trial_card_says_what_is_missing_by_trial_and_not_a_second_time() -> None:
    conclusion = concluded(record(FEW_METASTASES), enable_trials=True)

    cards = cards_for(conclusion, "patient-view", new_uuid=uuid)

    [card] = [card for card in cards if card["source"]["topic"]["code"] == "trials"]
    assert "**Not known**" not in card["detail"]


def test_no_trial_is_told_of_while_they_are_off() -> None:
    cards = cards_for(concluded(record(FEW_METASTASES)), "patient-view", new_uuid=uuid)

    assert not [card for card in cards if card["source"]["topic"]["code"] == "trials"]
