"""The drug a product text names, for an order that has no code known here.

A closed grammar: the name of a drug of the drug map, then perhaps a strength, a form and a route, with a
trade name in brackets. What is left of the text must be one such name and nothing else, so that no
conjugate is taken for its antibody and no drug is found inside another word.

    >>> named_in("capecitabine 500 MG oral tablet")
    ('capecitabine',)
    >>> named_in("fam-trastuzumab deruxtecan-nxki (ENHERTU) 100 mg IV")
    ('trastuzumab deruxtecan',)
    >>> named_in("trastuzumab duocarmazine 80 mg"), named_in("fluorouracil 5 % cream")
    ((), ())
"""

from __future__ import annotations

import re

from rulesets.drugs import CLASSES, COMBINATIONS, NON_ANTICANCER, SYNONYMS, canonical

LONGEST = 200

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_STRENGTH = re.compile(
    r"(?<![\w.-])\d+(?:[.,]\d+)*\s*(?:-\s*\d+(?:[.,]\d+)*\s*)?"
    r"(?:mg|mcg|µg|ug|g|ml|l|iu|units?|mbq|kbq|gbq|mci|%)\b.*"
)
_FORMS = frozenset({
    "capsule", "capsules", "cap", "caps", "chemo", "concentrate", "depot", "film-coated", "for", "im", "inf",
    "infusion", "inj", "injectable", "injection", "iv", "ivpb", "oral", "pill", "po", "powder", "prefilled", "sc",
    "solution", "subcut", "subcutaneous", "suspension", "syringe", "tab", "tablet", "tablets", "tabs", "vial",
})  # fmt: skip
_SUFFIX = re.compile(r"(mab|emtansine|deruxtecan|govitecan|grastim)-[a-z]{4}$")
"""Four letters that tell biological products of one substance apart, such as -trxb."""
_ON_THE_SURFACE = re.compile(r"\b(?:cream|gel|lotion|ointment|ophthalmic|topical|drops?)\b")
_FOR_ANOTHER_ILLNESS = {
    "denosumab": re.compile(r"\b60 ?mg\b|prolia"),
    "everolimus": re.compile(r"\b(?:0[.,](?:25|5|75)|1) ?mg\b|zortress|certican"),
    "methotrexate": re.compile(r"\b(?:oral|po|tab(?:let)?s?|auto-?injector|sc|subcut\w*)\b"),
    "zoledronic acid": re.compile(r"\b5 ?mg\b|reclast|aclasta"),
}
"""What in a text tells that a drug is given for another illness than cancer or its bone disease."""


def _spaced(name: str) -> str:
    return " ".join(name.replace("-", " ").split())


_NAMES = {_spaced(name): name for name in (*CLASSES, *SYNONYMS, *COMBINATIONS, *NON_ANTICANCER)}


def named_in(text: str) -> tuple[str, ...]:
    """The generic names of the one product a text names; none when it does not name exactly one."""
    lower = text.lower()
    if len(text) > LONGEST or _ON_THE_SURFACE.search(lower):
        return ()
    rest = _STRENGTH.sub("", _BRACKETED.sub(" ", lower))
    words = rest.replace(",", " ").split()
    while words and words[-1] in _FORMS:
        words.pop()
    name = " ".join(words)
    for written in (name, _SUFFIX.sub(r"\1", name)):
        names = canonical(_NAMES.get(_spaced(written), written))
        if all(each in CLASSES or each in NON_ANTICANCER for each in names):
            other = _FOR_ANOTHER_ILLNESS.get(names[0])
            return () if other is not None and other.search(lower) else names
    return ()
