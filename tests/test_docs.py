"""The documents made from the source are put in their place and nowhere else, and say what there is."""

from __future__ import annotations

import re

from rulesets.facts import FACTS
from service.docs import BEGIN, END, PROFILES, made_profiles, with_settings
from service.settings import settings_table


def test_the_settings_stand_between_their_marks_and_the_rest_is_left_alone() -> None:
    made = with_settings(f"before\n{BEGIN}\nstale\n{END}\nafter\n")

    assert made == f"before\n{BEGIN}\n{settings_table()}{END}\nafter\n"
    assert with_settings(made) == made


def test_what_is_made_in_the_profiles_is_what_stands_there() -> None:
    stale = [path for path, text in made_profiles().items() if (PROFILES / path).read_text(encoding="utf-8") != text]
    assert stale == []


def test_the_page_of_facts_has_every_open_fact_once_and_no_other() -> None:
    named = re.findall(r"^\| `([a-z0-9_.]+)` \|", made_profiles()["FACTS.md"], flags=re.MULTILINE)
    facts = [name for name in named if "." in name]
    assert sorted(facts) == sorted(name for name, fact in FACTS.items() if fact.world == "open")


def test_the_links_of_the_page_of_facts_lead_somewhere() -> None:
    page = made_profiles()["FACTS.md"]
    headings = ["-".join(heading.lower().split()) for heading in re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)]
    assert len(headings) == len(set(headings))
    assert {anchor for anchor in re.findall(r"\]\(#([^)]+)\)", page)} <= set(headings)
    assert all((PROFILES / path).exists() for path in re.findall(r"\]\(((?:profiles|conceptmaps)/[^)]+)\)", page))


def test_the_page_of_facts_shows_codes_answers_and_how_a_fact_is_sent() -> None:
    page = made_profiles()["FACTS.md"]
    row = next(line for line in page.splitlines() if line.startswith("| `tumour.her2_primary` |"))
    assert "choice: `positive`, `negative`, `equivocal`" in row
    assert "code of [her2](#observations-her2)" in row
    assert "[her2-ihc-values](#map-her2-ihc-values)" in row
    assert "- `http://loinc.org`: 18474-7, 72383-3, 85319-2" in page
    assert "| `mets.lesion_count` | Distant metastatic lesions" in page
    assert "interval in {lesions}" in page
