"""The frame and the style of the few pages there are: no script, no font and no picture from anywhere."""

from __future__ import annotations

from html import escape

STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font: 0.9em/1.4 ui-monospace, monospace; }
section { border-top: 1px solid #8888; margin-top: 1.5rem; }
h1 small { font-weight: normal; }
h2 { font-size: 1.2rem; }
h3 { font-size: 1rem; margin: 0.5rem 0 0; }
ul { margin: 0.25rem 0; }
td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
details { margin: 0.25rem 0; }
summary { cursor: pointer; font-weight: bold; }
"""


def page(title: str, content: str) -> str:
    """A whole page; ``content`` is HTML that is already escaped."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css"></head>'
        f"<body>{content}</body></html>\n"
    )
