"""A rulebook as one value: all that is judged, in its order, so that another one than today's can be run."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from rulesets.language import LanguageError
from rulesets.prognosis import Dimension, Override
from rulesets.rule import Definition, Rule


@dataclass(frozen=True, kw_only=True, eq=False)
class Rulebook:
    """Rules by topic, and the definitions in the parts they are run in.

    ``stages`` are run one after the other; ``criteria``, ``overrides``, ``groups`` and ``leans`` make the
    prognosis, for which the facts named in ``context`` are taken as they stand. ``said_out_of_scope`` are the
    rules that speak even when the disease is outside the paper. Raises LanguageError when an id is used twice.
    """

    topics: tuple[tuple[str, tuple[Rule, ...]], ...]
    stages: tuple[tuple[Definition, ...], ...]
    criteria: tuple[Dimension, ...]
    context: tuple[str, ...]
    overrides: tuple[Override, ...]
    groups: tuple[Definition, ...]
    leans: tuple[Definition, ...]
    said_out_of_scope: Set[str]

    def __post_init__(self) -> None:
        ids = [rule.id for rule in self.rules] + [definition.id for definition in self.definitions]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise LanguageError(f"An id belongs to one rule only; {', '.join(twice)} is used more than once.")

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for _, rules in self.topics for rule in rules)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        return (
            *(definition for stage in self.stages for definition in stage),
            *(definition for dimension in self.criteria for definition in dimension.definitions),
            *(override.definition for override in self.overrides),
            *self.groups,
            *self.leans,
        )
