"""The map of the house: who may import whom. A wall that is broken fails here."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

ROOMS = {
    "durable_rules_engine": ("service/reasoning/engine.py",),
    "fhir": ("service/intake/",),
    "flask": ("service/web/", "service/app.py"),
    "werkzeug": ("service/web/", "service/app.py"),
    "flask_openapi3_swagger": ("service/web/",),
    "click": ("service/cli/",),
    "gunicorn": ("service/gunicorn_config.py", "service/cli/"),
    "orjson": ("service/canonical.py",),
    "sqlalchemy": ("service/traces/",),
    "alembic": ("service/traces/",),
    "psycopg": ("service/traces/",),
    "cryptography": ("service/traces/notes.py", "service/cli/tokens.py"),
    "jwt": ("service/clients/tokens.py", "service/cli/tokens.py"),
    "structlog": ("service/logs.py",),
    "jinja2": ("service/pages/rendering.py",),
    "markupsafe": ("service/pages/",),
    "requests": ("service/prefetch/reads.py", "service/prefetch/connection.py", "service/clients/key_sets.py"),
    "urllib3": ("service/prefetch/reads.py", "service/prefetch/connection.py", "service/clients/key_sets.py"),
    "pydantic_settings": ("service/settings.py",),
    "pydantic": (
        "service/settings.py", "service/intake/", "service/clients/profiles.py", "service/clients/key_file.py",
        "service/cards/models.py",
    ),
}  # fmt: skip
"""Each third-party package and the only places that may know of it."""

PURE = (
    "account.py", "cards/", "clients/cards.py", "conclude.py", "fhir_out/", "fire.py", "hook_answer.py", "one_page.py",
    "prefetch/address.py", "prefetch/keys.py", "prefetch/searchset.py", "prefetch/states.py",
    "reasoning/clauses.py", "reasoning/engine_terms.py", "reasoning/explanation.py", "reasoning/findings.py", "reasoning/layout.py",
    "reasoning/lowering.py", "reasoning/prognosis.py", "reasoning/situations.py",
    "results.py", "suggestions/", "write.py",
)  # fmt: skip
"""What stands between the doors: no clock, no chance, no environment, no files."""

OURS = {"service", "rulesets"}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def middle() -> Iterator[Path]:
    for name in PURE:
        yield from modules(f"service/{name}") if name.endswith("/") else (ROOT / "service" / name,)


def test_the_rulebook_imports_only_itself_and_the_standard_library() -> None:
    for path in modules("rulesets"):
        for name in imports_of(path):
            top = name.partition(".")[0]
            assert top == "rulesets" or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_each_third_party_package_has_one_room() -> None:
    for path in modules("service"):
        here = path.relative_to(ROOT).as_posix()
        for name in imports_of(path):
            top = name.partition(".")[0]
            if top in OURS or top in sys.stdlib_module_names:
                continue
            assert top in ROOMS, f"{here} imports {top}, which has no room; decide on one"
            assert here.startswith(ROOMS[top]), f"{here} imports {top}, whose room is {' and '.join(ROOMS[top])}"


def test_the_middle_reads_neither_clock_nor_chance_nor_environment() -> None:
    forbidden = {"time", "random", "os", "secrets", "pathlib", "socket"}
    for path in (*middle(), *modules("rulesets")):
        tops = {each.partition(".")[0] for each in imports_of(path)}
        assert not tops & forbidden, f"{path.name} imports {', '.join(sorted(tops & forbidden))}"


def test_the_middle_does_not_know_the_doors() -> None:
    doors = ("service.web.", "service.cli.", "service.app.", "service.traces.")
    for path in middle():
        found = [each for each in imports_of(path) if f"{each}.".startswith(doors)]
        assert not found, path.name


def test_codes_live_in_fhir_profiles_only() -> None:
    systems = ("snomed.info", "loinc.org", "rxnorm", "whocc.no", "hl7.org/fhir/sid", "terminology.hl7.org")
    for path in (*modules("service"), *modules("rulesets")):
        text = path.read_text().lower()
        assert not [system for system in systems if system in text], path.name
