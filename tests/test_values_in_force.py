"""A hospital's own thresholds are what cards and the printed rulebook say, and newer publications are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rulesets import rulebook
from rulesets.evidence import Since
from rulesets.language import LanguageError, comparisons_in
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from rulesets.thresholds import Threshold, effective
from service import cli, logs
from service.assess import Request, assess
from service.cards.deck import Card, cards_for
from service.house import House
from service.reasoning.findings import Conclusion
from tests.support.findings import a_course, a_drug, conclusion, drug_rule, firing, rule, uuid
from tests.support.house import house_in

DEFAULTS = effective()
NEWER = Since(says="A trial was neutral.", source="A trial, 2024", url="https://example.org/trial?id=1")

OLAPARIB_STOPPED_BEFORE_RADIOTHERAPY = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present"},
    "lesions": [],
    "drugs": [{"name": "olaparib", "status": "stopped", "last_dose_day": -5}],
    "courses": [{"status": "draft", "start_day": 10, "target": "bone", "region": "spine"}],
    "orders": [{"kind": "rt"}],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("values"))
    yield built
    built.store.close()


def card_about_olaparib(house: House, **config: object) -> str:
    document = {**OLAPARIB_STOPPED_BEFORE_RADIOTHERAPY, "config": config}
    request = Request(kind="facts", document=document, digest="0" * 64, hooks=("order-sign",))
    [result] = assess(house, request).results
    cards: list[dict[str, Any]] = result["cards"]  # type: ignore[assignment]
    return next(
        card["detail"] for card in cards if "imbrication.parp-rt-recent" in card["extension"]["org.osteon.rules"]
    )


# --- cards ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [21, 30])
def test_a_card_says_the_window_that_decided(house: House, days: int) -> None:
    found = card_about_olaparib(house, washout_parp_days=days)

    assert f"fewer than {days} days before the first fraction" in found


def test_every_text_of_a_rule_is_filled_on_a_card() -> None:
    told = rule(
        "dq.any",
        indicator="warning",
        summary="Fewer than {washout_parp_days} days",
        detail="Recent: {washout_parp_days} days.",
        indicator_because="{poor_min_points} points",
        ambiguities=("Or {oligo_max_lesions} lesions?",),
    )

    [card] = cards_of(conclusion(firing(told)))

    assert card["summary"] == "Fewer than 21 days"
    for said in ("**Warning: Fewer than 21 days**", "Recent: 21 days.", "Why a warning: 4 points", "Or 4 lesions?"):
        assert said in card["detail"]


def test_a_newer_publication_is_told_with_its_link() -> None:
    [card] = cards_of(conclusion(firing(rule("dq.any", since=(NEWER,)))))

    link = "[A trial, 2024](https://example.org/trial?id=1)"
    assert f"- Since the paper: A trial was neutral. ({link})\n- Rule `dq.any`" in card["detail"]


def test_a_newer_publication_is_told_once_on_a_card() -> None:
    pair = (a_course(), a_drug())
    one, other = drug_rule("parp-rt", since=(NEWER,)), drug_rule("parp-rt-marrow", since=(NEWER,))

    [card] = cards_of(conclusion(firing(one, *pair), firing(other, *pair)))

    assert card["detail"].count("A trial was neutral.") == 1
    assert "- Since the paper: as above." in card["detail"]


def cards_of(concluded: Conclusion) -> tuple[Card, ...]:
    return cards_for(concluded, "order-sign", new_uuid=uuid)


# --- the rulebook ----------------------------------------------------------------------------------


def test_the_printed_rulebook_says_the_values_in_force(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "thresholds.json"
    own.write_text('{"washout_parp_days": 30, "compromised_min_ecog": 4}')
    monkeypatch.setenv("OSTEON_THRESHOLDS_FILE", str(own))
    monkeypatch.setattr(logs, "configure", lambda level: None)

    printed = CliRunner().invoke(cli.main, ["rulebook"]).stdout

    assert "Recent means a last dose fewer than 30 days before the first fraction" in printed
    assert "performance status (ECOG) is below 4" in printed and "an ECOG below 4" in printed
    assert "performance status (ECOG) is below 3" not in printed


def test_only_what_a_patient_fills_is_left_open_in_the_printed_rulebook() -> None:
    left = set(re.findall(r"\{\w+\}", rulebook.as_markdown(DEFAULTS)))

    assert left <= {"{drug}", "{rt}", "{lean}", "{reason}"}


def test_the_rulebook_as_data_keeps_the_keys_and_says_the_values_in_english() -> None:
    [recent] = [each for each in rulebook.rules_as_data(DEFAULTS) if each["id"] == "imbrication.parp-rt-recent"]
    name = "pathway.intermediate-local-if-symptomatic"
    [usual] = [each for each in rulebook.rules_as_data(DEFAULTS) if each["id"] == name]
    [changed] = [each for each in rulebook.rules_as_data(effective({"compromised_min_ecog": 4})) if each["id"] == name]

    assert "{washout_parp_days}" in str(recent["detail"])
    assert "is below 3" in str(usual["whenInEnglish"]) and "is below 4" in str(changed["whenInEnglish"])
    assert usual["when"] == changed["when"]
    assert '{"threshold": "compromised_min_ecog"}' in json.dumps(usual["when"])


def test_the_digest_of_the_rules_is_the_same_whatever_a_hospital_has_set(house: House) -> None:
    changed = effective({"washout_parp_days": 30, "compromised_min_ecog": 4})

    assert house.revision(changed).rules == house.revision(DEFAULTS).rules == rulebook.rules_digest()
    assert house.revision(changed).digest != house.revision(DEFAULTS).digest


def test_newer_publications_stand_in_the_rulebook() -> None:
    noted = {rule.id: rule.since for rule in RULES if rule.since}
    printed, data = rulebook.as_markdown(DEFAULTS), {each["id"]: each for each in rulebook.rules_as_data(DEFAULTS)}

    assert noted
    for id, notes in noted.items():
        assert data[id]["since"] == [{"says": each.says, "source": each.source, "url": each.url} for each in notes]
        assert all(f"- Since the paper: {each.says} ([{each.source}]({each.url}))" in printed for each in notes)


@pytest.mark.parametrize("note", sorted({note for rule in RULES for note in rule.since}, key=lambda note: note.source))
def test_a_newer_publication_has_a_link_that_stands_in_markdown(note: Since) -> None:
    assert re.fullmatch(r"https://[\w./?=&%-]+", note.url)
    assert note.says.endswith(".") and note.source


# --- how texts are written -------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["title", "evidence"])
def test_a_title_and_the_evidence_hold_nothing_to_fill(where: str) -> None:
    with pytest.raises(LanguageError, match="nothing fills"):
        rule("dq.any", **{where: "Within {washout_parp_days} days"})


@pytest.mark.parametrize("where", ["summary", "detail", "indicator_because"])
def test_a_text_that_names_no_threshold_is_refused(where: str) -> None:
    with pytest.raises(LanguageError, match=r"leaves \{washout_parp_day\} to be filled, which nothing fills"):
        rule("dq.any", **{where: "Within {washout_parp_day} days"})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_text_prints_the_default_of_a_threshold_its_rule_decides_by(rule: Rule) -> None:
    """It would be wrong where a hospital has set another value; the key in braces is right everywhere."""
    texts = (rule.summary, rule.detail, rule.indicator_because)

    for threshold in thresholds_of(rule):
        number = f"{threshold.default:g} {threshold.unit}"
        assert not [text for text in texts if re.search(rf"(?<![\d.]){re.escape(number)}\b", text)], threshold.key


def thresholds_of(rule: Rule) -> list[Threshold]:
    conditions = [rule.when, *([rule.escalation.when] if rule.escalation else [])]
    operands = [each.operand for condition in conditions for each in comparisons_in(condition)]
    named = [each for each in operands if isinstance(each, Threshold)]
    return [each for each in named if not isinstance(each.default, bool | str)]
