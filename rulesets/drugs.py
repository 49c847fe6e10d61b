"""The drug map: which class a drug belongs to, what else it is called, what stands in a fixed combination.

The paper names some of these drugs; the others are here to be recognised, or are newer than the
paper, which then says nothing of them. An antibody-drug conjugate is never its antibody: a name is
matched whole or not at all.
"""

from __future__ import annotations

_NAMES: dict[str, tuple[str, ...]] = {
    "cytotoxic": (
        "doxorubicin", "epirubicin", "paclitaxel", "docetaxel", "eribulin", "nab-paclitaxel", "capecitabine",
        "vinorelbine", "cyclophosphamide", "gemcitabine", "pegylated liposomal doxorubicin", "carboplatin",
        "cisplatin", "fluorouracil", "methotrexate", "ixabepilone", "mitoxantrone", "mitomycin", "daunorubicin",
        "idarubicin",
    ),
    "endocrine": (
        "letrozole", "anastrozole", "exemestane", "tamoxifen", "fulvestrant", "goserelin", "elacestrant",
        "camizestrant", "imlunestrant", "toremifene", "leuprolide", "triptorelin", "megestrol",
    ),
    "cdk46_inhibitor": ("palbociclib", "ribociclib", "abemaciclib"),
    "mtor_inhibitor": ("everolimus",),
    "pi3k_inhibitor": ("alpelisib", "inavolisib"),
    "akt_inhibitor": ("capivasertib",),
    "anti_her2_mab": ("trastuzumab", "pertuzumab", "margetuximab"),
    "anti_her2_adc": ("trastuzumab emtansine", "trastuzumab deruxtecan"),
    "trop2_adc": ("sacituzumab govitecan", "datopotamab deruxtecan"),
    "anti_her2_tki": ("lapatinib", "neratinib", "tucatinib"),
    "parp_inhibitor": ("olaparib", "talazoparib", "niraparib", "rucaparib", "veliparib"),
    "checkpoint_inhibitor": ("atezolizumab", "pembrolizumab", "nivolumab", "durvalumab"),
    "anti_vegf": ("bevacizumab",),
    "antiresorptive": ("zoledronic acid", "pamidronate", "ibandronate", "clodronate", "denosumab"),
    "radiopharmaceutical": ("strontium-89", "radium-223", "samarium-153", "rhenium-186", "phosphorus-32"),
}  # fmt: skip

CLASSES: dict[str, str] = {name: drug_class for drug_class, names in _NAMES.items() for name in names}
"""The class of every drug of the map, by its canonical name."""

ANTICANCER_CLASSES = frozenset(_NAMES) - {"antiresorptive"}
"""The classes of the map whose members treat cancer; antiresorptives protect bone."""

NON_ANTICANCER = frozenset({
    "morphine", "oxycodone", "fentanyl", "tramadol", "paracetamol", "acetaminophen", "ibuprofen", "diclofenac",
    "naproxen", "dexamethasone", "prednisone", "prednisolone", "ondansetron", "omeprazole", "pantoprazole",
    "pregabalin", "gabapentin", "amlodipine", "ramipril", "lisinopril", "bisoprolol", "metoprolol", "furosemide",
    "atorvastatin", "simvastatin", "metformin", "levothyroxine", "warfarin", "apixaban", "enoxaparin",
    "calcium carbonate", "cholecalciferol", "filgrastim",
})  # fmt: skip
"""Common companions, recognised when no code says what they are for."""

FOR_OSTEOPOROSIS = frozenset({
    "denosumab for osteoporosis", "zoledronic acid for osteoporosis", "ibandronate for osteoporosis", "alendronate",
    "risedronate", "strontium ranelate",
})  # fmt: skip
"""Products for osteoporosis. No drug of the review; whether one serves as the bone agent too nobody but a clinician
can say, so that a list with one of them does not tell that there is no bone agent."""

FOR_ANOTHER_ILLNESS = FOR_OSTEOPOROSIS | {
    "everolimus for transplantation", "methotrexate for arthritis", "fluorouracil for the skin",
}  # fmt: skip
"""Products of the substances above that treat something else: never a cancer drug, and never to be held as one."""

FOR_OSTEOPOROSIS_BY_DOSE: dict[str, tuple[str, float, int]] = {
    "denosumab": ("denosumab for osteoporosis", 60, 150),
    "zoledronic acid": ("zoledronic acid for osteoporosis", 5, 300),
}
"""Of drugs that have one name for two illnesses: the name for osteoporosis, the dose in mg that is given for it each
time, and where no dose is told the days between two doses from which it can only be that. Ours."""

SYNONYMS: dict[str, str] = {
    "ado-trastuzumab emtansine": "trastuzumab emtansine",
    "t-dm1": "trastuzumab emtansine",
    "fam-trastuzumab deruxtecan": "trastuzumab deruxtecan",
    "t-dxd": "trastuzumab deruxtecan",
    "liposomal doxorubicin": "pegylated liposomal doxorubicin",
    "doxorubicin hydrochloride pegylated liposome": "pegylated liposomal doxorubicin",
    "paclitaxel protein-bound": "nab-paclitaxel",
    "5-fluorouracil": "fluorouracil",
    "leuprorelin": "leuprolide",
    "trastuzumab/hyaluronidase": "trastuzumab",
    "zoledronate": "zoledronic acid",
    "zoledronic acid anhydrous": "zoledronic acid",
    "pamidronic acid": "pamidronate",
    "ibandronic acid": "ibandronate",
    "clodronic acid": "clodronate",
    "strontium-89 chloride": "strontium-89",
    "radium ra-223 dichloride": "radium-223",
    "samarium-153 lexidronam": "samarium-153",
}

COMBINATIONS: dict[str, tuple[str, ...]] = {
    "pertuzumab/trastuzumab/hyaluronidase": ("trastuzumab", "pertuzumab"),
    "phesgo": ("trastuzumab", "pertuzumab"),
    "letrozole/ribociclib": ("ribociclib", "letrozole"),
    "kisqali femara co-pack": ("ribociclib", "letrozole"),
}


def canonical(name: str) -> tuple[str, ...]:
    """The generic names a drug name stands for: one, or several for a fixed combination.

    Case, spacing and the order of the parts of a combination do not matter. A name the map does
    not have stands for itself.

    >>> canonical("T-DM1")
    ('trastuzumab emtansine',)
    >>> canonical("Ribociclib / Letrozole")
    ('ribociclib', 'letrozole')
    >>> canonical("trastuzumab duocarmazine")
    ('trastuzumab duocarmazine',)
    """
    folded = _folded(name)
    return _GENERIC.get(_parts_sorted(folded), (folded,))


def class_of(name: str, anticancer: bool | None) -> str:
    """The class of a drug by its name; ``anticancer`` is what its code says, None without a code.

    A fixed combination has the class of its first ingredient.
    """
    generic = canonical(name)[0]
    if generic in CLASSES:
        return CLASSES[generic]
    is_companion = anticancer is False or generic in NON_ANTICANCER or generic in FOR_ANOTHER_ILLNESS
    return "non_anticancer" if is_companion else "other"


def _folded(name: str) -> str:
    return "/".join(" ".join(part.split()) for part in name.lower().split("/"))


def _parts_sorted(folded: str) -> str:
    return "/".join(sorted(folded.split("/")))


_GENERIC: dict[str, tuple[str, ...]] = {
    _parts_sorted(name): generic
    for name, generic in ({name: (generic,) for name, generic in SYNONYMS.items()} | COMBINATIONS).items()
}
