"""Where a rule comes from: the place in the paper, its statement in our words, and a fingerprint.

The paper's sentences are not copied. The fingerprint of the sentence meant lets anyone who has
the paper find it and check our restatement against it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

PAPER_DOI = "10.3390/cancers12092390"
PAPER_URL = f"https://doi.org/{PAPER_DOI}"
PAPER_LABEL = "Bone metastases from breast cancer, review, Cancers 2020, 12, 2390"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of the paper.

    ``says`` is the restatement; ``section`` names section or table; ``references`` are the
    paper's own numbers, such as ``(68, 69, 70)``; ``fingerprint`` is that of the sentence meant.
    """

    says: str
    section: str
    references: tuple[int, ...] = ()
    fingerprint: str

    @property
    def place(self) -> str:
        numbers = ", ".join(str(number) for number in self.references)
        where = self.section if self.section.startswith("Table") else f"section {self.section}"
        return where + (f" [{numbers}]" if numbers else "")


@dataclass(frozen=True, kw_only=True)
class Since:
    """What has been published since the paper and contradicts or overtakes it.

    ``says`` is one line in our words; ``source`` names the publication and ``url`` leads to it.
    These are remarks beside a rule. They never change what fires.
    """

    says: str
    source: str
    url: str


def normalised_words(text: str) -> list[str]:
    """The words of a text without the accidents of print: case, line ends, dashes, punctuation."""
    return _WORD.findall(folded(text))


def folded(text: str) -> str:
    """A text in lower case, compatibility characters spelled out, words broken over a line joined."""
    return re.sub(r"(?<=\w)-\s*\n\s*(?=\w)", "", unicodedata.normalize("NFKD", text).casefold())


def fingerprint_of(sentence: str) -> str:
    """``words:hash``: the number of normalised words, and 16 hexadecimal digits of their SHA-256."""
    words = normalised_words(sentence)
    return f"{len(words)}:{_hash(words)}"


def passages_found(text: str, fingerprints: Iterable[str]) -> dict[str, str]:
    """For each fingerprint that is one of a passage in the text, that passage as it is printed there, in lower case."""
    plain = folded(text)
    spans = [match.span() for match in _WORD.finditer(plain)]
    words = [plain[start:end] for start, end in spans]
    wanted: dict[int, set[str]] = {}
    for fingerprint in fingerprints:
        length, _, digest = fingerprint.partition(":")
        wanted.setdefault(int(length), set()).add(digest)
    found: dict[str, str] = {}
    for size, digests in wanted.items():
        for first in range(len(words) - size + 1):
            if (digest := _hash(words[first : first + size])) in digests:
                printed = plain[spans[first][0] : spans[first + size - 1][1]]
                found.setdefault(f"{size}:{digest}", " ".join(printed.split()))
    return found


_WORD = re.compile(r"[0-9a-z]+")


def _hash(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]
