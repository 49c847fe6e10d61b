"""Looks at what is known, one per type, and facts made of other facts.

A look at a fact that is not there gives None, which is unknown and never "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter

from rulesets.language import FactType, Interval, Value, bounds
from rulesets.record import Fact, Facts, Source


def truth(facts: Facts, of: FactType) -> bool | None:
    value = _value(facts, of)
    assert value is None or isinstance(value, bool)
    return value


def word(facts: Facts, of: FactType) -> str | None:
    value = _value(facts, of)
    assert value is None or isinstance(value, str)
    return value


def names(facts: Facts, of: FactType) -> tuple[str, ...]:
    """The names of a list; none when the list is unknown."""
    value = _value(facts, of)
    assert value is None or isinstance(value, tuple)
    return value or ()


def whole(facts: Facts, of: FactType) -> int | None:
    """A day, a score or a number of fractions."""
    value = _value(facts, of)
    assert value is None or isinstance(value, int | float)
    return None if value is None else int(value)


def exact(facts: Facts, of: FactType) -> Fraction | None:
    """A number as it is written: 3.6 is 36/10, not the binary number beside it."""
    value = _value(facts, of)
    assert value is None or isinstance(value, int | float)
    return None if value is None else as_written(value)


def least_and_most(facts: Facts, of: FactType) -> tuple[int, int | None]:
    """The bounds of a count; at least none and no upper bound when nothing is known."""
    value = _value(facts, of)
    assert value is None or isinstance(value, int | float | Interval)
    least, most = (None, None) if value is None else bounds(value)
    return int(least or 0), None if most is None else int(most)


@lru_cache(maxsize=4096)
def as_written(number: int | float) -> Fraction:
    """The same few doses and thresholds come again and again."""
    return Fraction(str(number))


def _value(facts: Facts, of: FactType) -> Value | None:
    fact = facts.get(of.name)
    return None if fact is None else fact.value


def either(*truths: bool | None) -> bool | None:
    """Kleene's or: true with one true part, false with every part false, else unknown.

    >>> either(None, True), either(None, False), either()
    (True, None, False)
    """
    if True in truths:
        return True
    return None if None in truths else False


def made(of: FactType, value: Value, *, out_of: Iterable[Fact | None] = ()) -> Fact:
    """A derived fact: named after its type, as old as its oldest part, with the sources of every part."""
    parts = [part for part in out_of if part is not None]
    return Fact(
        name=of.name,
        value=value,
        date=min([part.date for part in parts if part.date], default=None),
        sources=_each_once([source for part in parts for source in part.sources]),
        because=tuple(sorted({part.name for part in parts} - {of.name})),
    )


def parts(facts: Facts, *of: FactType) -> list[Fact]:
    """Those of the facts that are known."""
    return [facts[each.name] for each in of if each.name in facts]


_IN_ORDER = attrgetter("reference", "element", "date", "code", "value", "conversion")


def _each_once(sources: Sequence[Source]) -> tuple[Source, ...]:
    """In an order of their own, so that the order of the resources leaves no mark."""
    return tuple(sources) if len(sources) < 2 else tuple(sorted(set(sources), key=_IN_ORDER))
