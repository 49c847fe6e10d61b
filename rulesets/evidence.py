"""Where a rule comes from: the place in the paper, its statement in our words, and a fingerprint.

The paper's sentences are not copied. The fingerprint of the sentence meant lets anyone who has
the paper find it and check our restatement against it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
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
        return f"section {self.section}" + (f" [{numbers}]" if numbers else "")


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
    folded = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"[0-9a-z]+", re.sub(r"(?<=\w)-\s*\n\s*(?=\w)", "", folded))


def fingerprint_of(sentence: str) -> str:
    """``words:hash``: the number of normalised words, and 16 hexadecimal digits of their SHA-256."""
    words = normalised_words(sentence)
    return f"{len(words)}:{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}"
