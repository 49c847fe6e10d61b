"""One result for reading at a terminal: the pattern, the prognosis and each card in a line or two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.write import HOOKS_EXTENSION

MARKS = {"critical": "!!", "warning": "! ", "info": "- "}


def summary_of(result: Mapping[str, Any]) -> str:
    """The result of one patient in plain text."""
    lines = [
        f"{result['patient'] or 'A patient without a name'}, on {result['evaluationDate']}",
        f"  pattern:   {_pattern(result['pattern'])}",
        f"  prognosis: {_prognosis(result['prognosis'])}",
    ]
    for card in result["cards"]:
        hooks = ", ".join(card.get("extension", {}).get(HOOKS_EXTENSION, ()))
        lines.append(f"  {MARKS.get(card['indicator'], '- ')} {card['summary']}{f' [{hooks}]' if hooks else ''}")
        lines += [f"       offers: {suggestion['label']}" for suggestion in card.get("suggestions", ())]
    if not result["cards"]:
        lines.append("  no advice")
    for warning in result.get("warnings", []):
        lines.append(f"  note: {warning.get('text', '')}")
    lines.append(f"  trace {result['trace']}")
    return "\n".join(lines)


def _pattern(pattern: Mapping[str, Any]) -> str:
    known = [f"{name} {_words(value)}" for name, value in pattern.items() if value is not None]
    return ", ".join(known) or "unknown"


def _prognosis(prognosis: Mapping[str, Any]) -> str:
    said = _words(prognosis["group"])
    if prognosis["group"] == "indeterminate":
        said += f" ({' or '.join(prognosis['possible'])}; unknown: {', '.join(prognosis['missing']) or 'nothing'})"
    return said


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")
