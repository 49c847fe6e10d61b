"""What every rule on dose and technique begins with: a course to bone that can still be changed."""

from rulesets.facts import rt
from rulesets.language import Condition, all_of


def planned_for_bone(*claims: Condition) -> Condition:
    """An open course to bone with these claims, whose dose is no slip of units: of such a one nothing else is said."""
    return all_of(all_of(rt.planned.is_true, rt.target.is_("bone"), *claims), rt.dose_implausible.is_false)
