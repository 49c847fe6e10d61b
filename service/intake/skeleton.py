"""Places of the skeleton: which bone, which part of it, which side; and when two of them may be one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_ANY = "other_bone"
_SACRUM, _AROUND_SACRUM = ("sacrum",), (("vertebra",), ("pelvis",))


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """A bone by its site and ever smaller parts (``vertebra``, ``lumbar``, ``3``), and its side or nothing."""

    path: tuple[str, ...]
    side: str = ""

    @property
    def site(self) -> str:
        return self.path[0]

    @property
    def name(self) -> str:
        return "-".join((*self.path, self.side) if self.side else self.path)

    @property
    def is_exact(self) -> int:
        return 2 * len(self.path) + bool(self.side)

    def may_be(self, other: Place) -> bool:
        """Whether both may be one place: one contains the other, on the same side or one that is not said."""
        shorter = min(len(self.path), len(other.path))
        return self.path[:shorter] == other.path[:shorter] and (
            not self.side or not other.side or self.side == other.side
        )

    def is_apart_from(self, other: Place) -> bool:
        """Whether both are certainly two places.

        The sacrum is part of spine and pelvis, and a bone that is not named may be any.
        """
        if (_ANY,) in (self.path, other.path):
            return False
        for one, two in ((self, other), (other, self)):
            if one.path[:1] == _SACRUM and two.path in _AROUND_SACRUM:
                return False
        return not self.may_be(other)


def most_apart(places: Iterable[Place]) -> list[Place]:
    """Places that are certainly all different, the most exact ones first."""
    kept: list[Place] = []
    for place in sorted(set(places), key=lambda each: (-each.is_exact, each)):
        if all(place.is_apart_from(other) for other in kept):
            kept.append(place)
    return kept
