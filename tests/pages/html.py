"""A page taken apart: its elements with their attributes, in order, and its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "path", "rect", "circle"}


@dataclass
class Element:
    """``pieces`` are those of the whole page, of which its text is some in a row."""

    tag: str
    attributes: dict[str, str]
    pieces: list[str] = field(repr=False)
    first: int
    last: int

    @property
    def text(self) -> str:
        return "".join(self.pieces[self.first : self.last])


@dataclass
class Page(HTMLParser):
    """``elements`` in the order they begin; ``text`` is what is read, ``open`` must be empty at the end."""

    html: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        assert not self.open, f"never closed: {[each.tag for each in self.open]}"

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = len(self.pieces)
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, self.pieces, here, here))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag if self.open else ''}>"
        self.open.pop().last = len(self.pieces)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def of(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]
