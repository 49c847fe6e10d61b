"""The documents made from the source are put in their place and nowhere else, and say what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rulesets.facts import FACTS
from service.cli import main
from service.clients.profiles import clients_in
from service.docs import BEGIN, END, PROFILES, ROOT, made_profiles, with_settings
from service.intake import facts_document
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


# --- what is written by hand ----------------------------------------------------------------------

READMES = ("README.md", "CONTRIBUTING.md", "service/README.md", "service/traces/README.md", "fhir_profiles/README.md")


def blocks(path: str, language: str) -> list[Any]:
    return [
        json.loads(block) for block in re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)
    ]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {"-".join(re.sub(r"[^\w\s-]", "", heading.lower()).split()) for heading in headings}


@pytest.mark.parametrize("path", READMES)
def test_every_link_between_the_documents_leads_somewhere(path: str) -> None:
    page = ROOT / path
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if link.startswith("http"):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_facts_document_of_the_readme_is_one() -> None:
    [document] = blocks("README.md", "json")
    asked = facts_document.read(document)
    assert [len(asked.record.drugs), len(asked.record.courses), len(asked.record.orders)] == [1, 1, 1]


def test_the_clients_file_of_the_manual_is_one(tmp_path: Path) -> None:
    observation, clients = blocks("service/README.md", "json")
    file = tmp_path / "clients.json"
    file.write_text(json.dumps(clients))

    assert [(client.name, client.profile) for client in clients_in(str(file))] == [("north", "one-action")]
    assert observation["resourceType"] == "Observation"


@pytest.mark.parametrize("path", READMES)
def test_every_command_and_option_in_the_documents_is_one(path: str) -> None:
    for line in re.findall(r"^osteon (.*)$", (ROOT / path).read_text(), flags=re.MULTILINE):
        words = line.partition("#")[0].split()
        command = words[: 2 if words[0] in ("traces", "keys", "jwt", "rulebook") else 1]
        told = CliRunner().invoke(main, [*command, "--help"])

        assert told.exit_code == 0, line
        assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", told.output)), line
