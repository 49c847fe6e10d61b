"""Templates and the style sheet: the one module that knows where they lie."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.pages.words import capital, clock, counted, day, duration, moment, short

ENVIRONMENT = Environment(
    loader=PackageLoader("service.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
"""Every value is escaped, and a name that a page was not given is a fault and not an empty place."""

ENVIRONMENT.filters.update(
    capital=capital, clock=clock, counted=counted, day=day, duration=duration, moment=moment, short=short
)


def rendered(template: str, **model: object) -> str:
    """A whole page."""
    return ENVIRONMENT.get_template(template).render(**model)


@cache
def static(name: str) -> bytes:
    """A file that pages refer to, as it lies in the package."""
    return (files("service.pages") / "static" / name).read_bytes()
