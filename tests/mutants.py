"""Changes the rulebook a little in every place, and asks whether a test notices: ``make mutants``.

mutmut changes what functions do. Thresholds, tables and conditions are no functions, and what is called
only while its module is imported is over before mutmut begins: ``tests/support/changing.py`` changes the
former, and each mutant of mutmut that lives is tried once more in a process that has it from the start.

``python -m tests.mutants [MODULE ...]`` tries the modules named, or all, and writes ``tests/MUTANTS.md`` from
what is known of every module, so that a run that was cut can be taken up again. It fails when a mutant
lives for which ``tests/mutants_alive.py`` gives no reason, or when a reason is given for one that does not.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
from ast import Module, parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypedDict

import hypothesis.strategies  # noqa: F401  as all that is costly to import, before the first fork
import pytest

from tests.mutants_alive import REASONS
from tests.support.changing import changes_of

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).parent / "MUTANTS.md"
FOUND = ROOT / "mutants" / "found.json"
"""What was found of each module so far; mutmut keeps its own results beside it."""
OF_DOSE = ("tests/rulesets/test_dose_rules.py",)
OF_PROGNOSIS = ("tests/rulesets/test_prognosis_criteria.py", "tests/reasoning/test_prognosis.py")
THRESHOLDS = "rulesets/thresholds.py"
TESTS: dict[str, tuple[str, ...]] = {
    "rulesets/biological_dose.py": ("tests/rulesets/test_biological_dose.py",),
    "rulesets/counts.py": ("tests/rulesets/test_counts.py",),
    "rulesets/dose/checks.py": OF_DOSE,
    "rulesets/dose/palliative.py": OF_DOSE,
    "rulesets/dose/radical.py": OF_DOSE,
    "rulesets/dose/upper_limits.py": OF_DOSE,
    "rulesets/exposure.py": ("tests/rulesets/test_exposure.py",),
    "rulesets/likelihood.py": ("tests/rulesets/test_likelihood.py",),
    "rulesets/prognosis.py": ("tests/rulesets/test_prognosis_rules.py", *OF_PROGNOSIS),
    "rulesets/regimens.py": ("tests/rulesets/test_regimens.py", *OF_DOSE),
    "service/reasoning/prognosis.py": OF_PROGNOSIS,
    THRESHOLDS: ("tests/rulesets", *OF_PROGNOSIS, "tests/cards/test_lines_pathway.py"),
}
"""Each module, and the tests that must notice."""
ONLY_PRINTED = "tests/rulesets/test_thresholds.py::test_the_rulebook_prints_every_threshold_with_its_range"
"""Would notice every threshold, whether or not anything is decided by it: it only looks at ranges here."""
UNCHANGED = "as it is"
SMALL = {"SOAK_RECORDS": "60", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Fewer examples, and no plugins: loading them would take longer than most tests."""
MOST_ALONE = 300
"""Seconds of processor time; what takes longer never ends, and so has been noticed."""
OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""hypothesis is imported before pytest could rewrite it."""


class Found(TypedDict):
    """Of one module: how many mutants mutmut and the other changes made, and those that live."""

    functions: int
    outside: int
    alive: list[str]


# --- outside functions -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Mutant:
    module: str
    said: str
    tree: Module
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.module}: {self.said}"


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every change of a module, and first the module as it is: were its tests to fail, they would show nothing."""
    source = (ROOT / module).read_text(encoding="utf-8")
    yield Mutant(module=module, said=UNCHANGED, tree=parse(source), tests=TESTS[module])
    for change in changes_of(source):
        is_range = ": range " in change.said
        tests = (ONLY_PRINTED,) if is_range else (*TESTS[module], f"--deselect={ONLY_PRINTED}")
        yield Mutant(module=module, said=change.said, tree=change.tree, tests=tests)


def alive_outside(module: str) -> tuple[int, list[str]]:
    """How many changes there are of a module outside its functions, and which of them no test notices."""
    unchanged, *mutants = mutants_of(module)
    spent = _seconds_spent()
    if not alive_among([unchanged]):
        raise SystemExit(f"The tests of {module} fail without any change.")
    most = 10 + 4 * math.ceil(_seconds_spent() - spent)
    alive = alive_among([with_near_tests(each) for each in mutants], most)
    if module == THRESHOLDS:
        whole = {each.name: each for each in mutants}
        alive = alive_among([whole[each.name] for each in alive], most)
    return len(mutants), [each.name for each in alive]


def _seconds_spent() -> float:
    """The processor time of every process that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def with_near_tests(mutant: Mutant) -> Mutant:
    """A threshold is tried first with the tests of the modules that read it: they notice soonest."""
    if mutant.module != THRESHOLDS or mutant.tests == (ONLY_PRINTED,):
        return mutant
    constant = mutant.said.split(" = ")[0]
    readers = [path for path in (ROOT / "rulesets").rglob("*.py") if constant in path.read_text(encoding="utf-8")]
    topics = {path.relative_to(ROOT / "rulesets").parts[0].removesuffix(".py") for path in readers}
    near = [f"tests/rulesets/test_{topic}{kind}.py" for topic in sorted(topics) for kind in ("_rules", "")]
    there = [test for test in near if (ROOT / test).exists()]
    return replace(mutant, tests=(*there, f"--deselect={ONLY_PRINTED}")) if there else mutant


def alive_among(mutants: Sequence[Mutant], most: int = resource.RLIM_INFINITY) -> list[Mutant]:
    """The mutants that their tests do not notice, each tried in a process of its own.

    One that takes more than ``most`` seconds of processor time never ends, and so has been noticed.
    """
    alive: list[Mutant] = []
    running: dict[int, Mutant] = {}
    for mutant in (*mutants, *[None] * (os.cpu_count() or 1)):
        if running and (mutant is None or len(running) == os.cpu_count()):
            pid, status = os.wait()
            tried = running.pop(pid)
            alive += [tried] if status == 0 else []
        if mutant is not None:
            running[_started(mutant, most)] = mutant
    return [mutant for mutant in mutants if mutant in alive]


def _started(mutant: Mutant, most: int) -> int:
    """A process that runs the tests of a mutant and ends with 0 when they pass."""
    if pid := os.fork():
        return pid
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.environ |= SMALL
    sys.meta_path.insert(0, _Finder(mutant))
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    os._exit(pytest.main([*OPTIONS, *mutant.tests]))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds a module as its mutant, and every other one as it is."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = _dotted(mutant.module)
        self._loader = _Loader(self._name, str(ROOT / mutant.module))
        self._loader.tree = mutant.tree

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self._loader) if fullname == self._name else None


class _Loader(importlib.machinery.SourceFileLoader):
    tree: Module

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.get_filename(fullname), "exec")


def _dotted(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")


# --- inside functions --------------------------------------------------------------------------------


def alive_inside(module: str) -> tuple[int, list[str]]:
    """How many mutants mutmut made of a module, and which of them no test notices, by what they change."""
    verdicts = {name: verdict for name, verdict in _told_by_mutmut() if name.startswith(f"{_dotted(module)}.x")}
    if "not checked" in verdicts.values():
        raise SystemExit(f"mutmut has not finished {module}; run it again, it goes on where it was.")
    living = [name for name, verdict in verdicts.items() if verdict != "killed"]
    return len(verdicts), [f"{module}: {_change(name)}" for name in living if _lives_alone(module, name)]


def _told_by_mutmut() -> list[tuple[str, str]]:
    lines = _mutmut("results", "--all", "true").splitlines()
    return [(name.strip(), verdict.strip()) for name, _, verdict in (line.partition(":") for line in lines)]


def _change(name: str) -> str:
    """The lines that a mutant changes, before and after: they say what it is as long as the lines stay the same."""
    lines = [line for line in _mutmut("show", name).splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return f"{before} → {after or 'nothing'}".replace("`", "'")


def _mutmut(*arguments: str) -> str:
    command = Path(sys.executable).parent / "mutmut"
    return subprocess.run([command, *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _lives_alone(module: str, name: str) -> bool:
    """Whether the tests pass with a mutant that was there from the beginning of a process.

    Neither can a busy machine make a mutant look as if it never ended: mutmut goes by the clock.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *TESTS[module]],
        cwd=ROOT / "mutants", env={**os.environ, **SMALL, "MUTANT_UNDER_TEST": name}, capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST_ALONE, MOST_ALONE)),
    )  # fmt: skip
    return done.returncode == 0


# --- the page ----------------------------------------------------------------------------------------


def page(found: dict[str, Found]) -> str:
    lines = [
        "# Mutants",
        "",
        f"What `make mutants` found on {date.today()}: each module changed in one place at a time, by mutmut inside its",
        "functions and by `tests/support/changing.py` outside them, and its tests run against each change.",
        "",
        "| module | in functions | outside | noticed | alive |",
        "|---|---|---|---|---|",
    ]
    for module, of in found.items():
        made = of["functions"] + of["outside"]
        lines.append(
            f"| `{module}` | {of['functions']} | {of['outside']} | {made - len(of['alive'])} | {len(of['alive'])} |"
        )
    lines += ["", "## Alive, and why", ""]
    for name in dict.fromkeys(name for of in found.values() for name in of["alive"]):
        lines.append(f"- `{name}`: {REASONS.get(name, '**no reason is given**')}")
    return "\n".join(lines) + "\n"


def main(modules: Sequence[str]) -> int:
    found: dict[str, Found] = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    for module in modules or TESTS:
        functions, inside = alive_inside(module)
        outside, beside = alive_outside(module)
        found[module] = Found(functions=functions, outside=outside, alive=[*inside, *beside])
        print(f"{module}: {functions} in functions, {outside} outside, {len(inside + beside)} alive", flush=True)
        FOUND.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return reported({module: found[module] for module in TESTS if module in found})


def reported(found: dict[str, Found]) -> int:
    """Writes the page; 1 when a mutant lives without a reason, or a reason without a mutant."""
    PAGE.write_text(page(found), encoding="utf-8")
    alive = {name for of in found.values() for name in of["alive"]}
    unexplained = sorted(alive - REASONS.keys())
    outlived = sorted(name for name in REASONS.keys() - alive if name.split(": ")[0] in found)
    for name in unexplained:
        print(f"no reason why it lives: {name}")
    for name in outlived:
        print(f"a reason, and no such mutant lives: {name}")
    return 1 if unexplained or outlived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
