"""Mutants that are still alive after ``mutmut run``, and those of what mutmut does not change.

mutmut changes the bodies of functions; thresholds, tables and conditions are no functions, and what is over once its module is
imported cannot be changed by it any more. ``tests/support/changing.py`` makes those changes; here the
tests of the module are run against each. ``make mutants`` runs both, and fails when a mutant lives that
``tests/MUTANTS.md`` gives no reason for.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import subprocess
import sys
from ast import Module, parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis.strategies  # noqa: F401  as all that is costly to import, before the first fork
import pytest

from tests.support.changing import changes_of

ROOT = Path(__file__).parents[1]
REASONS = Path(__file__).parent / "MUTANTS.md"
OF_PROGNOSIS = ("tests/rulesets/test_prognosis_criteria.py", "tests/reasoning/test_prognosis.py")
TESTS: dict[str, tuple[str, ...]] = {
    "rulesets/biological_dose.py": ("tests/rulesets/test_biological_dose.py",),
    "rulesets/counts.py": ("tests/rulesets/test_counts.py",),
    "rulesets/exposure.py": ("tests/rulesets/test_exposure.py",),
    "rulesets/likelihood.py": ("tests/rulesets/test_likelihood.py",),
    "rulesets/prognosis.py": ("tests/rulesets/test_prognosis_rules.py", *OF_PROGNOSIS),
    "service/reasoning/prognosis.py": OF_PROGNOSIS,
    "rulesets/thresholds.py": ("tests/rulesets", *OF_PROGNOSIS),
}
"""Each module, and the tests that must notice."""
ONLY_PRINTED = "tests/rulesets/test_thresholds.py::test_the_rulebook_prints_every_threshold_with_its_range"
"""Would notice every threshold, whether or not anything is decided by it: it only looks at ranges here."""
UNCHANGED = "as it is"
SMALL = {"SOAK_RECORDS": "60"}
SECONDS = 300
OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""hypothesis is imported before pytest could rewrite it."""


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


def alive_among(mutants: Sequence[Mutant]) -> list[Mutant]:
    """The mutants that their tests do not notice, each tried in a process of its own."""
    alive: list[Mutant] = []
    running: dict[int, Mutant] = {}
    for mutant in (*mutants, *[None] * (os.cpu_count() or 1)):
        if running and (mutant is None or len(running) == os.cpu_count()):
            pid, status = os.wait()
            tried = running.pop(pid)
            alive += [tried] if status == 0 else []
        if mutant is not None:
            running[_started(mutant)] = mutant
    return [mutant for mutant in mutants if mutant in alive]


def _started(mutant: Mutant) -> int:
    """A process that runs the tests of a mutant and ends with 0 when they pass."""
    if pid := os.fork():
        return pid
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.environ |= SMALL
    sys.meta_path.insert(0, _Finder(mutant))
    signal.alarm(SECONDS)  # a loop that never ends has been noticed
    os._exit(pytest.main([*OPTIONS, *mutant.tests]))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds a module as its mutant, and every other one as it is."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.module.removesuffix(".py").replace("/", ".")
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


def alive_after_mutmut() -> list[str]:
    """What the last run of mutmut left alive, by the names it gives, and what a process of its own leaves alive too.

    mutmut forks from a process that has imported everything: what is over by then lives there whatever it does.
    """
    told = subprocess.run(
        [sys.executable, "-m", "mutmut", "results"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    verdicts = [line.strip().split(": ") for line in told.stdout.splitlines()]
    return [name for name, verdict in verdicts if verdict != "timeout" and _lives_alone(name)]


def _lives_alone(name: str) -> bool:
    """Whether the tests pass with a mutant that was there from the beginning of a process."""
    module = next(each for each in TESTS if name.startswith(each.removesuffix(".py").replace("/", ".") + "."))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *TESTS[module]],
        cwd=ROOT / "mutants", env={**os.environ, **SMALL, "MUTANT_UNDER_TEST": name}, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def main(modules: Sequence[str]) -> int:
    alive = alive_after_mutmut()
    print(f"mutmut left {len(alive)} alive", flush=True)
    for module in modules or TESTS:
        unchanged, *mutants = mutants_of(module)
        if not alive_among([unchanged]):
            raise SystemExit(f"The tests of {module} fail without any change.")
        found = [mutant.name for mutant in alive_among(mutants)]
        print(f"{module}: {len(mutants)} outside functions, {len(found)} of them alive", flush=True)
        alive += found
    reasons = REASONS.read_text(encoding="utf-8")
    unexplained = [name for name in alive if name not in reasons]
    for name in unexplained:
        print(f"no reason why it lives: {name}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
