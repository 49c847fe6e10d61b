"""Prints what is made from the source: settings in the README, rulebook, coverage, page of facts, FHIR resources.

Run as ``python -m service.docs``; .ci/run fails when that changes a file.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from rulesets import coverage
from rulesets.rulebook import as_markdown
from rulesets.thresholds import effective
from service import fact_resources, value_sets
from service.facts_page import facts_page
from service.settings import settings_table

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ROOT / "fhir_profiles"
BEGIN, END = "<!-- settings: made by `make docs` -->", "<!-- settings: end -->"


def main() -> int:
    """Write everything; 1 when the README has no place for the settings."""
    (ROOT / "rulesets" / "RULEBOOK.md").write_text(as_markdown(effective()), encoding="utf-8")
    (ROOT / "rulesets" / "COVERAGE.md").write_text(coverage.as_markdown(), encoding="utf-8")
    for path, text in made_profiles().items():
        (PROFILES / path).write_text(text, encoding="utf-8")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"README.md needs the lines {BEGIN} and {END} around its table of settings.", file=sys.stderr)
        return 1
    readme.write_text(with_settings(text), encoding="utf-8")
    return 0


def made_profiles() -> dict[str, str]:
    """What is made in ``fhir_profiles``, by its path there."""
    resources = {**fact_resources.resources(), **value_sets.made_from_maps(PROFILES)}
    written = {path: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for path, each in resources.items()}
    return {**written, "FACTS.md": facts_page(PROFILES)}


def with_settings(text: str) -> str:
    """The text with the table of settings between its two marks."""
    table = f"{BEGIN}\n{settings_table()}{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: table, text, flags=re.DOTALL)


if __name__ == "__main__":
    sys.exit(main())
