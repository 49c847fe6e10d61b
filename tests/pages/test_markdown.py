"""The Markdown of cards: the forms they use become HTML, and nothing else has any effect."""

from __future__ import annotations

import pytest

from service.cards.text import authored, escaped
from service.pages.markdown import html_of, inline
from tests.pages.conftest import Kept
from tests.pages.html import Page


@pytest.mark.parametrize(
    "text, html",
    [
        ("**Stop** now", "<p><strong>Stop</strong> now</p>"),
        ("- one\n- `two`", "<ul><li>one</li><li><code>two</code></li></ul>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        (
            "[a](https://example.org/x?y=1)",
            '<p><a href="https://example.org/x?y=1" rel="noopener noreferrer">a</a></p>',
        ),
        ("ER &lt; 1% \\*", "<p>ER &lt; 1% *</p>"),
        ("**a \\* b**", "<p><strong>a * b</strong></p>"),
        ("# no heading", "<p># no heading</p>"),
    ],
)
def test_the_forms_of_cards_become_html(text: str, html: str) -> None:
    assert str(html_of(text)) == html


def test_a_table_has_headings_and_cells_and_keeps_escaped_bars() -> None:
    page = Page(str(html_of("| fact | value |\n| --- | --- |\n| a \\| b | 1 |")))

    assert [cell.text for cell in page.of("th", "td")] == ["fact", "value", "a | b", "1"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](https://a\"onmouseover='1')",
        "[x](data:text/html,1)",
        "![x](https://example.org/x.png)",
        "`<img src=x onerror=1>`",
        "**<b onclick=1>**",
        "| <i> |\n|---|\n| <b> |",
        "<https://example.org>",
        "&lt;script&gt; &#60;script&#62;",
    ],
)
def test_nothing_but_our_own_elements_comes_of_any_text(hostile: str) -> None:
    page = Page(str(html_of(hostile)))

    allowed = {"p", "ul", "li", "strong", "code", "br", "a", "table", "thead", "tbody", "tr", "th", "td", "div"}
    assert {element.tag for element in page.elements} <= allowed
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert element.attributes.get("href", "https://").startswith("https://")


@pytest.mark.parametrize(
    "text", ["a *b* c_d_ [e](f) <g> & \"h\" 'i' | `j` ~k~ #1 www.l.m", "1. a", "- b", "\\", "x@y.z"]
)
def test_what_cards_escape_is_read_as_it_was_written(text: str) -> None:
    page = Page(str(inline(escaped(text))))

    assert page.elements == [] and page.text.replace("\u200b", "") == text
    assert Page(str(inline(authored("a < b & c * d | e")))).text == "a < b & c * d | e"


def test_no_sign_of_markdown_is_left_in_the_cards_of_the_stories(kept: Kept) -> None:
    details = [card["detail"] for name in kept.traces for card in kept.body(name)["result"]["cards"]]

    for detail in details:
        text = Page(str(html_of(detail))).text
        assert "**" not in text and "| ---" not in text and "](" not in text and "&amp;" not in text, text
