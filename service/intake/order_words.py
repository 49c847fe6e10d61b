"""What the words of a draft order say, where no code says it: a small closed vocabulary.

Used for drafts alone, whose author reads the same words on the screen, and whatever is read by it is
marked as read from text. A clause that denies, doubts or looks back is passed over, and two words for two
different things in one place mean neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.entries import Entry

LONGEST = 2_000
"""Characters of one text that are looked at."""

Text = tuple[str, str]
"""A text of an order and the element that holds it."""

_CLAUSES = re.compile(r"[.;!?\n\r]+(?=\s|$)")
_PASSED_OVER = re.compile(
    r"\b(?:no|not|never|nor|non|denies|denied|without|negative|avoid|instead|unless|rather|versus|vs|or|if|consider\w*|"
    r"possibl[ey]|maybe|prior|previous(?:ly)?|earlier|past|history|hx|received|completed|given|had|s/p|status post|"
    r"after|since|referral|refer|consult\w*|declin\w*|cancel\w*|max(?:imum)?|limit|constraint|up to|less than)\b"
)
_LOOKS_BACK = re.compile(
    r"\b(?:prior|previous(?:ly)?|earlier|past|history|hx|received|completed|given|had|s/p|status post|since|"
    r"(?:19|20)\d\d)\b(?!\s?c?gy)"
)
_IS_NOW = re.compile(r"\b(?:now|today|current(?:ly)?|plan(?:ned)?|prescri\w+|please|this time)\b")
_AIM = re.compile(
    r"\b(?:for|to rule out|r/o|rule out|query|assess(?:ment)?|evaluat\w+|prior to|before|because of|due to)\b"
)

Vocabulary = Mapping[str, re.Pattern[str]]


def _words(**patterns: str) -> Vocabulary:
    return {word.replace("__", "-"): re.compile(rf"\b(?:{pattern})\b") for word, pattern in patterns.items()}


KINDS = _words(
    rt=r"radiotherapy|radiation therapy|radiation treatment|external beam|ebrt|irradiation|sbrt|sabr|radiosurgery|"
    r"stereotactic|imrt|vmat|tomotherapy|3d-?crt|palliative radiation|xrt",
    radiopharmaceutical=r"radiopharmaceutical|radionuclide therapy|radium[- ]?(?:ra-?)?223|ra-?223|"
    r"strontium-?89|sr-?89|samarium-?153|sm-?153",
    imaging=r"mri|mr|magnetic resonance|ct|computed tomography|pet|pet-?ct|bone scan|scintigraphy|x-?ray|"
    r"radiograph\w*|tomography",
    procedure=r"biops\w+|vertebroplasty|kyphoplasty|cementoplasty|osteoplasty|ablation|cryoablation|emboli[sz]ation|"
    r"hemipelvectomy|curettage|fixation|fixator|nailing|endoprosthe\w+|laminectomy|spinal decompression|"
    r"(?:wide|en bloc) (?:resection|excision)",
)
AGENTS = _words(
    biopsy=r"biops\w+",
    vertebroplasty=r"vertebroplasty",
    kyphoplasty=r"kyphoplasty",
    cementoplasty=r"cementoplasty|osteoplasty",
    radiofrequency=r"radio-?frequency(?: thermal)? ablation|rfa",
    cryoablation=r"cryo-?ablation",
    alcohol_embolization=r"(?:alcohol|ethanol) (?:emboli[sz]ation|ablation)",
    embolization=r"emboli[sz]ation",
    ablation=r"(?:microwave|laser|thermal|percutaneous|tumou?r|bone) ablation|"
    r"ablation of (?:the |a )?(?:bone|tumou?r|lesion|metasta\w+|vertebra\w*)",
    hemipelvectomy=r"hemipelvectomy",
    curettage_cementing=r"curettage",
    internal_fixation=r"internal fixation|(?:intra-?medullary )?nailing",
    external_fixation=r"external (?:fixation|fixator)",
    prosthesis=r"endoprosthe\w+|tumou?r prosthesis",
    decompression=r"laminectomy|spinal decompression|decompression of the (?:spine|spinal cord)",
    wide_resection=r"(?:wide|en bloc) (?:resection|excision)",
)
_FINER = {"embolization": "alcohol_embolization", "ablation": "radiofrequency"}
"""A coarse word that a finer one beside it replaces."""
RADIOPHARMACEUTICALS = _words(**{
    "radium__223": r"radium[- ]?(?:ra-?)?223|ra-?223",
    "strontium__89": r"strontium-?89|sr-?89",
    "samarium__153": r"samarium-?153|sm-?153",
    "rhenium__186": r"rhenium-?186|re-?186",
    "phosphorus__32": r"phosphorus-?32|p-?32",
})  # fmt: skip
TECHNIQUES = _words(**{
    "SBRT": r"sbrt|sabr|stereotactic body (?:radiotherapy|radiation therapy)|stereotactic ablative radiotherapy",
    "SRS": r"srs|radiosurgery",
    "IMRT": r"imrt|intensity[- ]modulated",
    "VMAT": r"vmat|volumetric[- ]modulated",
    "3DCRT": r"3d-?crt|3d[- ]conformal",
    "SIB": r"sib|simultaneous(?:ly)?[- ]integrated boost",
    "tomotherapy": r"tomotherapy",
})  # fmt: skip
INTENTS = _words(palliative=r"palliati\w+", radical=r"radical(?!\s\w*(?:ectomy|surgery))|curative")
PURPOSES = _words(
    staging=r"(?<!re-)staging",
    follow_up=r"follow[- ]?up|surveillance",
    response=r"(?:treatment |therapy )?response",
    cord_assessment=r"(?:spinal )?cord(?: compression)?|cauda equina|myelopathy|mscc",
    soft_tissue_assessment=r"soft[- ]tissues?",
    bone_assessment=r"bone (?:assessment|evaluation|only)|(?:assessment|evaluation) of (?:the )?bones?",
    rt_planning=r"(?:radiotherapy|radiation|rt|treatment|sbrt|srs) planning|planning (?:ct|mri|mr|scan)|"
    r"(?:ct )?simulation",
)
TARGETS = _words(
    bone=r"spine|spinal|vertebra\w*|[ctl]-?spine|[ct](?:[1-9]|1[0-2])(?!\s?n[0-3x])|l[1-5]|sacrum|s[1-5]|ili(?:um|ac)|acetabul\w+|"
    r"ischium|ribs?|stern(?:um|al)|scapula|clavicle|femur|femoral|humer(?:us|al)|tibia|fibula|skull|calvari\w+|bones?",
    brain=r"brain|wbrt",
)
REGIONS = _words(
    spine=r"spine|spinal|vertebra\w*|[ctl]-?spine|[ct](?:[1-9]|1[0-2])(?!\s?n[0-3x])|l[1-5]|cervical|lumbar",
    sacrum=r"sacr(?:um|al)|s[1-5]",
    pelvis=r"pelvi[sc]|ili(?:um|ac)|acetabul\w+|ischium|pubi[sc]",
    thorax=r"ribs?|stern(?:um|al)|scapula|clavicle",
    extremity=r"femur|femoral|humer(?:us|al)|tibia|fibula|radius|ulna",
    skull=r"skull|calvari\w+",
)
_PLANNING = re.compile(r"\b(?:radiotherapy|radiation|rt|treatment|sbrt|srs) planning\b")
_WITH_AND_WITHOUT = re.compile(
    r"\bw(?:ith)?(?:\s*(?:and|or|&|\+|/)\s*|\s+)w(?:ithout|/?o)\b|"
    r"\b(?:without|w/?o)\s*(?:and|or|&|\+|/)\s*w(?:ith)?\b"
)
_WITHOUT = re.compile(
    r"\b(?:without|w/?o|no)(?: any)?(?: iv| intravenous| gadolinium)*(?: contrast)\b|\bnon-? ?contrast\b|\bunenhanced\b"
)
_WITH = re.compile(
    r"\b(?:with|w|w/)(?: iv| intravenous| gadolinium)*(?: contrast)\b|\bcontrast-? ?enhanced\b|"
    r"\bwith (?:iv )?gadolinium\b"
)


# --- the texts of an order ---------------------------------------------------------------------------------


def code_words(entry: Entry) -> tuple[Text, ...]:
    """What the code of a draft reads, whatever it stands for."""
    return tuple(_concept_texts(entry.resource["code"], "code")) if entry.is_draft and "code" in entry.resource else ()


def uncoded_words(chart: Chart, entry: Entry, *maps: str) -> tuple[Text, ...]:
    """What the code of a draft reads, when none of some maps knows the systems of its codings."""
    code = entry.resource.get("code")
    return code_words(entry) if all(chart.is_uncoded(name, code) for name in maps) else ()


def detail_texts(entry: Entry) -> tuple[Text, ...]:
    """What the author of a draft added in words: details, reasons, notes."""
    if not entry.is_draft:
        return ()
    found: list[Text] = []
    for element in ("orderDetail", "reasonCode"):
        for concept in objects(entry.resource, element):
            found += _concept_texts(concept, element)
    found += [(str(note["text"]), "note.text") for note in objects(entry.resource, "note") if note.get("text")]
    return tuple(found)


def site_texts(entry: Entry) -> tuple[Text, ...]:
    if not entry.is_draft:
        return ()
    return tuple(text for site in objects(entry.resource, "bodySite") for text in _concept_texts(site, "bodySite"))


def _concept_texts(concept: Mapping[str, Any], element: str) -> Iterator[Text]:
    if isinstance(concept.get("text"), str):
        yield concept["text"], f"{element}.text"
    for coding in objects(concept, "coding"):
        if isinstance(coding.get("display"), str):
            yield coding["display"], f"{element}.coding.display"


# --- what they say -----------------------------------------------------------------------------------------


def clauses(text: str) -> Iterator[str]:
    """The clauses of a text that state what is wanted, in lower case."""
    for clause in _CLAUSES.split(text[:LONGEST].lower()):
        if clause.strip() and not _PASSED_OVER.search(_without_contrast(clause)):
            yield clause


def wanted_now(text: str) -> Iterator[str]:
    """The clauses of a text that state what is wanted now.

    Where any clause looks back at an earlier treatment, the others may speak of that as well, unless they
    say that they do not.

    >>> list(wanted_now("Prior RT. 30 Gy to L3. Now 20 Gy to T8."))
    [' now 20 gy to t8']
    """
    looks_back = _LOOKS_BACK.search(text[:LONGEST].lower()) is not None
    return (clause for clause in clauses(text) if not looks_back or _IS_NOW.search(clause))


def head(text: str) -> str:
    """What is wanted, without what it is wanted for, in lower case."""
    return _AIM.split(text[:LONGEST].lower(), maxsplit=1)[0]


def said(vocabulary: Vocabulary, clause: str) -> frozenset[str]:
    """The words of a vocabulary that a clause holds."""
    found = {word for word, pattern in vocabulary.items() if pattern.search(clause)}
    return frozenset(word for word in found if _FINER.get(word) not in found)


def kind(text: str) -> str | None:
    """What kind of order a text names; None when it names none, or several.

    >>> [kind(each) for each in ("CT-guided biopsy", "MRI for RT planning", "Referral for radiotherapy", "CBC")]
    ['procedure', 'imaging', None, None]
    """
    wanted = head(text)
    if _PASSED_OVER.search(_without_contrast(wanted)):
        return None
    kinds = said(KINDS, _PLANNING.sub(" ", wanted)) - (frozenset({"imaging"}) if "guid" in wanted else frozenset())
    return next(iter(kinds)) if len(kinds) == 1 else None


def said_in(
    vocabulary: Vocabulary, texts: Iterable[Text], parts: Callable[[str], Iterator[str]] = clauses
) -> dict[str, Text]:
    """The words of a vocabulary that the parts of texts say, each with the text that says it."""
    found: dict[str, Text] = {}
    for text in sorted(texts):
        for clause in parts(text[0]):
            for word in said(vocabulary, clause):
                found.setdefault(word, text)
    return found


def contrast(text: str) -> bool | None:
    """Whether a text asks for contrast, or says that there is to be none.

    >>> contrast("MRI lumbar spine w/o contrast"), contrast("MRI w wo contrast"), contrast("MRI spine")
    (False, True, None)
    """
    lower = text[:LONGEST].lower()
    if _WITH_AND_WITHOUT.search(lower):
        return True
    if _WITHOUT.search(lower):
        return False
    return True if _WITH.search(lower) else None


def _without_contrast(clause: str) -> str:
    """A clause without its words on contrast, whose "without" denies nothing else."""
    return _WITHOUT.sub(" ", _WITH_AND_WITHOUT.sub(" ", clause))


def modality(text: str) -> str | None:
    """The one imaging modality that a text names, as order.modality has it; None when it names none or two.

    >>> [modality(each) for each in ("PET CT FDG", "PET/MR", "NM bone scan", "whole-body MRI", "PET CT", "CT chest")]
    ['FDG-PET', 'PET-MRI', 'bone_scan', 'WB-MRI', None, 'CT']
    """
    lower = head(text)
    has_pet, has_mri = bool(re.search(r"\bpet\b", lower)), bool(re.search(r"\bmri?\b|magnetic resonance", lower))
    has_ct = bool(re.search(r"\bct\b|computed tomography", lower))
    has_scan = "bone scan" in lower or "bone scintigraphy" in lower
    if has_pet and has_mri:
        return "PET-MRI"
    if has_pet:
        is_fluoride = re.search(r"\bnaf\b|fluoride", lower) is not None
        is_glucose = re.search(r"\bfdg\b|fluorodeoxyglucose|fludeoxyglucose", lower) is not None
        return None if is_fluoride == is_glucose else "NaF-PET" if is_fluoride else "FDG-PET"
    if has_mri + has_ct + has_scan != 1:
        return None
    if has_mri:
        return "WB-MRI" if re.search(r"\bwhole[- ]body\b|\bwb[- ]?mri\b", lower) else "MRI"
    return "CT" if has_ct else "bone_scan"
