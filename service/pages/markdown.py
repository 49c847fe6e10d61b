"""The Markdown of cards as HTML: the few forms our cards use, and nothing else has any effect.

Paragraphs, lists, tables, strong text, code and links to https addresses. There is no raw HTML: every
character of the text is escaped, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from markupsafe import Markup, escape

_INLINE = re.compile(
    r"\\(?P<literal>[\\`*_\[\]~|#!$()+=.<>-])"
    r"|(?P<entity>&(?:amp|lt|gt|quot|#39);)"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<strong>(?:\\.|[^*\\]|\*(?!\*))+)\*\*"
    r"|\[(?P<label>(?:\\.|[^\]\\])+)\]\((?P<address>https://[^\s()<>\"']*(?:\([^\s()<>\"']*\)[^\s()<>\"']*)*)\)"
)
_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")


def html_of(text: str) -> Markup:
    """The HTML of a card's detail.

    >>> print(html_of("**Stop** <b>\\n\\n- one\\n- `two`"))
    <p><strong>Stop</strong> &lt;b&gt;</p>
    <ul><li>one</li><li><code>two</code></li></ul>
    """
    return Markup("\n").join(_blocks(text.split("\n")))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    place = 0
    while place < len(lines):
        if not lines[place].strip():
            place += 1
            continue
        end = place
        if lines[place].startswith("- "):
            while end < len(lines) and lines[end].startswith("- "):
                end += 1
            items = Markup().join(Markup("<li>{}</li>").format(inline(line[2:])) for line in lines[place:end])
            yield Markup("<ul>{}</ul>").format(items)
        elif lines[place].startswith("|") and place + 1 < len(lines) and _RULE.fullmatch(lines[place + 1].strip()):
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            yield _table(lines[place], lines[place + 2 : end])
        else:
            while end < len(lines) and lines[end].strip() and (end == place or not lines[end].startswith(("- ", "|"))):
                end += 1
            yield Markup("<p>{}</p>").format(Markup("<br>").join(inline(line) for line in lines[place:end]))
        place = end


def _table(head: str, rows: list[str]) -> Markup:
    headings = Markup().join(Markup('<th scope="col">{}</th>').format(inline(cell)) for cell in _cells(head))
    body = Markup().join(
        Markup("<tr>{}</tr>").format(Markup().join(Markup("<td>{}</td>").format(inline(cell)) for cell in _cells(row)))
        for row in rows
    )
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="Table of the card">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(headings, body)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(row.strip().removeprefix("|").removesuffix("|"))]


def inline(text: str) -> Markup:
    """One line: strong, code, links and escapes; the rest is text."""
    parts, last = [], 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[last : found.start()]), _said(found)]
        last = found.end()
    return Markup().join([*parts, escape(text[last:])])


def _said(found: re.Match[str]) -> Markup:
    match found.lastgroup:
        case "literal":
            return escape(found["literal"])
        case "entity":
            return escape(unescape(found["entity"]))
        case "code":
            return Markup("<code>{}</code>").format(found["code"])
        case "strong":
            return Markup("<strong>{}</strong>").format(inline(found["strong"]))
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(found["address"], inline(found["label"]))
