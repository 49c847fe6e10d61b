"""Every code of the public code tables has the meaning its table gives it, or is listed with the reason why not.

The tables lie beside a developer's checkout. What a concept of ``codes.csv`` is to mean here stands in
MEANINGS, as a map and its answers; a dash says that the code is listed as standing for nothing.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from rulesets.drugs import CLASSES, FOR_ANOTHER_ILLNESS, SYNONYMS, canonical
from tests.intake.made import terminology
from tests.support.shared import shared_path

pytestmark = pytest.mark.skipif(
    shared_path("fhir") is None, reason="the code tables lie beside a developer's checkout only"
)

PROFILES = Path(__file__).parents[2] / "fhir_profiles"
RXNORM, ATC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc"

Row = dict[str, str]

MEANINGS: dict[str, str] = {
    "drug class (ATC level 3/4 prefix)": "anticancer: anticancer",
    "primary breast cancer": "conditions: breast_primary",
    "recurrent breast cancer (local recurrence)": "conditions: breast_recurrence",
    "history of breast cancer": "conditions: breast_history",
    "immunophenotype carried by Condition.code": "conditions: breast_primary",
    "germline susceptibility": "conditions: -",
    "bone metastasis (site)": "conditions: bone",
    "bone marrow metastasis": "conditions: bone_marrow",
    "visceral metastasis: liver": "conditions: liver",
    "visceral metastasis: lung": "conditions: lung",
    "visceral metastasis: pleura": "conditions: lung",
    "visceral metastasis: brain (CNS)": "conditions: brain",
    "visceral metastasis: peritoneum": "conditions: other_visceral",
    "visceral metastasis: adrenal": "conditions: other_visceral",
    "visceral metastasis: stomach": "conditions: other_visceral",
    "visceral metastasis: pancreas": "conditions: other_visceral",
    "visceral metastasis: spleen": "conditions: other_visceral",
    "visceral metastasis: ovary": "conditions: other_visceral",
    "CNS metastasis: spinal meninges": "conditions: other_visceral",
    "CNS metastasis: meninges": "conditions: other_visceral",
    "CNS metastasis: spinal cord (intramedullary, not MSCC)": "conditions: brain",
    "non-visceral metastasis: skin": "conditions: soft_tissue",
    "non-visceral metastasis: chest wall": "conditions: soft_tissue",
    "non-visceral metastasis: lymph node": "conditions: lymph_nodes",
    "regional node (NOT distant): axillary": "conditions: regional_nodes",
    "regional node: axilla": "conditions: regional_nodes",
    "metastasis unspecified": "conditions: unspecified",
    "disseminated": "conditions: unspecified",
    "contralateral/other breast secondary": "conditions: breast",
    "history of metastatic cancer (mCODE)": "observations: history_of_metastatic_cancer",
    "spinal cord compression": "conditions: cord_compression",
    "pathological fracture at metastasis (also is-a secondary cancer in mCODE VS)": "conditions: bone, pathological_fracture",
    "pathological fracture": "conditions: fracture_cause_unstated",
    "pathological fracture in neoplastic disease": "conditions: pathological_fracture",
    "NOT neoplastic: other/osteoporotic pathological fracture": "conditions: -",
    "cancer pain": "conditions: cancer_pain",
    "hypercalcaemia": "conditions: -",
    "long-term AI": "conditions: -",
    "long-term SERM": "conditions: -",
    "long-term bisphosphonate": "conditions: -",
    "history of irradiation": "conditions: -",
    "RT encounter": "conditions: -",
    "chemo encounter": "conditions: -",
    "immunotherapy encounter": "conditions: -",
    "palliative encounter": "conditions: -",
    "chemo anaemia": "conditions: -",
    "chemo neutropenia": "conditions: -",
    "ER status/percent": "observations: er",
    "PR status/percent": "observations: pr",
    "HER2 ISH (observable)": "observations: her2_ish",
    "Ki-67": "observations: -",
    "ECOG score": "observations: ecog",
    "ECOG interpretation": "observations: ecog",
    "ECOG (observable)": "observations: ecog",
    **{f"ECOG {score} (LOINC answer)": f"ecog-values: {score}" for score in range(5)},
    "ECOG 5 dead (LOINC answer)": "ecog-values: 5",
    "Karnofsky score": "observations: karnofsky",
    "Karnofsky (assessment scale)": "observations: karnofsky",
    "Karnofsky 90 (LOINC answer)": "karnofsky-values: 90",
    "Karnofsky 60 (LOINC answer)": "karnofsky-values: 60",
    "haemoglobin": "observations: haemoglobin",
    "absolute neutrophil count": "observations: -",
    "platelets": "observations: -",
    "leukocytes": "observations: -",
    "pain score": "observations: pain",
    "tumour size": "observations: tumour_size",
    "histologic grade": "observations: grade",
    "Nottingham component score": "observations: -",
    "histologic grade value 1/low": "grade-values: 1",
    "histologic grade value 2/intermediate": "grade-values: 2",
    "histologic grade value 3/high": "grade-values: 3",
    "histologic grade value 2 (G2)": "grade-values: 2",
    "histologic grade value Nottingham 2": "grade-values: 2",
    "histologic grade value G1": "grade-values: 1",
    "histologic grade value G2": "grade-values: 2",
    "histologic grade value G3": "grade-values: 3",
    "histologic grade value G4": "grade-values: -",
    "histologic grade value GX": "grade-values: -",
    "histology": "observations: histology",
    "histology lobular NOS (ICD-O-3 8520/3) morphology": "histology: lobular",
    "histology ICD-O-3 invasive ductal": "histology: ductal_nst",
    "histology ICD-O-3 lobular": "histology: lobular",
    "topography ICD-O-3 breast": "conditions: breast_primary",
    "M category (code)": "observations: m_category",
    "cM category (code, mCODE 4)": "observations: m_category",
    "pM category (code, mCODE 4)": "observations: m_category",
    "M category clinical (mCODE<=3, Synthea)": "observations: m_category",
    "M category pathologic (mCODE<=3)": "observations: m_category",
    "M0 value": "m-values: m0",
    "M1 value": "m-values: m1",
    "cM0 (AJCC) value": "m-values: m0",
    "cM1 (AJCC) value": "m-values: m1",
    "stage group clinical": "observations: stage_group",
    "stage group pathologic": "observations: stage_group",
    "stage group other": "observations: stage_group",
    "stage group (code, mCODE 4)": "observations: stage_group",
    "stage group clinical (mCODE 4)": "observations: stage_group",
    "stage group pathologic (mCODE 4)": "observations: stage_group",
    "stage value 4": "stage-values: IV",
    "stage value IIIC (AJCC)": "stage-values: IIIC",
    "stage value IIB (AJCC)": "stage-values: II",
    "stage value IV (AJCC)": "stage-values: IV",
    "T category clinical": "observations: t_category",
    "N category clinical": "observations: n_category",
    "T category pathologic": "observations: t_category",
    "N category pathologic": "observations: n_category",
    **{f"T{number} value": f"t-values: t{number}" for number in (1, 2, 3, 4)},
    **{f"N{number} value": f"n-values: n{number}" for number in (0, 1, 2)},
    "cT2 AJCC": "t-values: t2",
    "cT3 AJCC": "t-values: t3",
    "cN0 AJCC": "n-values: n0",
    "cN1 AJCC": "n-values: n1",
    "r staging descriptor (recurrence)": "presence-values: positive",
    "site of distant metastasis (Synthea uses value 260413007 None!)": "observations: metastasis_site",
    "negated site value": "body-sites: none",
    "anatomic location of metastatic spread (oBDS/MII)": "observations: metastasis_site",
    "staging after recurrence (r symbol)": "observations: recurrence",
    "distant metastasis present": "m-values: m1",
    "cancer disease progression (mCODE)": "observations: disease_status",
    "response to treatment (Synthea / STU1)": "observations: disease_status",
    "disease status improved": "disease-status-values: improved",
    "disease status stable": "disease-status-values: stable",
    "disease status worsened": "disease-status-values: worsened",
    "disease status undetermined": "disease-status-values: undetermined",
    "partial remission": "disease-status-values: remission",
    "full remission": "disease-status-values: remission",
    "Synthea Improving": "disease-status-values: improved",
    "Synthea Worsening": "disease-status-values: worsened",
    "biomarker: genetic variant assessment": "observations: variant",
    "biomarker: gene studied": "observations: gene",
    "biomarker: genetic analysis report": "observations: -",
    "biomarker: DNA change c.HGVS": "observations: -",
    "biomarker: protein change pHGVS": "observations: -",
    "biomarker: clinical significance": "observations: significance",
    "biomarker: allelic state": "observations: -",
    "biomarker: genomic source class": "observations: genomic_source",
    "biomarker: BRCA1 mutations found": "observations: brca1",
    "biomarker: BRCA2 mutations found": "observations: brca2",
    "biomarker: BRCA1+2 tested": "observations: -",
    "biomarker: BRCA1+2 del/dup + full mutation": "observations: brca",
    "biomarker: PIK3CA mutations found": "observations: -",
    "biomarker: PIK3CA targeted": "observations: -",
    "biomarker: PD-L1 22C3": "observations: pdl1",
    "biomarker: PD-L1 28-8": "observations: pdl1",
    "biomarker: PD-L1 SP142": "observations: pdl1",
    "biomarker: PD-L1 22C3 report": "observations: -",
    "biomarker: PD-L1 SP142 report": "observations: -",
    "biomarker: TMB": "observations: -",
    "biomarker: MSI": "observations: -",
    **{f"gene {gene}": f"genes: {gene}" for gene in ("BRCA1", "BRCA2", "PIK3CA", "ERBB2", "ESR1", "PALB2")},
    "gene CD274 (PD-L1)": "genes: CD274",
    "gene MKI67": "genes: -",
    "gene PGR": "genes: -",
    "radiotherapy: RT course (mCODE/CodeX code)": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: RT procedure": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: RT care (Synthea)": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: EBRT": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: EBRT megavoltage photons": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: bone metastasis irradiation": "radiotherapy-procedures: bone_radiotherapy",
    "radiotherapy: boost RT": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: combined chemoradiation": "radiotherapy-procedures: radiotherapy",
    "radiotherapy: brachytherapy": "radiotherapy-procedures: brachytherapy",
    "radiotherapy: radionuclide therapy": "radiotherapy-procedures: radiopharmaceutical",
    "radiotherapy: radium-223 brachytherapy": "radiotherapy-procedures: radiopharmaceutical",
    "radiotherapy: administration of radiopharmaceutical (modality)": "radiotherapy-procedures: radiopharmaceutical",
    **{
        f"radiotherapy modality {beam}": "radiotherapy-procedures: radiotherapy"
        for beam in ("photons", "electrons", "protons", "carbon", "neutrons")
    },
    "radiotherapy technique IMRT": "radiotherapy-techniques: IMRT",
    "radiotherapy technique VMAT": "radiotherapy-techniques: VMAT",
    "radiotherapy technique 3D-CRT": "radiotherapy-techniques: 3DCRT",
    "radiotherapy technique 2D": "radiotherapy-techniques: -",
    "radiotherapy technique SRS": "radiotherapy-techniques: SRS",
    "radiotherapy technique stereotactic RT": "radiotherapy-techniques: SBRT",
    "radiotherapy technique SRS single dose LINAC": "radiotherapy-techniques: SRS",
    "radiotherapy technique SRS fractionated LINAC": "radiotherapy-techniques: SRS",
    "radiotherapy technique gamma-knife": "radiotherapy-techniques: SRS",
    "procedure intent curative": "radiotherapy-intents: radical",
    "procedure intent palliative": "radiotherapy-intents: palliative",
    "procedure intent supportive": "radiotherapy-intents: -",
    "procedure intent preventive": "radiotherapy-intents: -",
    "procedure intent diagnostic": "radiotherapy-intents: -",
    **{f"RT volume type {volume}": f"radiotherapy-volumes: {volume}" for volume in ("PTV", "GTV", "CTV", "ITV")},
    "RT treatment site bone NOS": "body-sites: bone",
    "RT treatment site vertebra body": "bone-sites: vertebra",
    "RT treatment site cervical (C3 body)": "bone-sites: vertebra",
    "RT treatment site thoracic vertebra": "bone-sites: vertebra",
    "RT treatment site lumbar vertebra": "bone-sites: vertebra",
    "RT treatment site sacral vertebra": "bone-sites: sacrum",
    "RT treatment site pelvis/sacrum": "body-regions: pelvis",
    "RT treatment site ilium": "bone-sites: pelvis",
    "RT treatment site acetabulum": "bone-sites: pelvis",
    "RT treatment site femur": "bone-sites: long_bone",
    "RT treatment site neck of femur": "bone-sites: long_bone",
    "RT treatment site humerus": "bone-sites: long_bone",
    "RT treatment site rib": "bone-sites: rib",
    "RT treatment site scapula": "bone-sites: other_bone",
    "RT treatment site clavicle": "bone-sites: other_bone",
    "RT treatment site skull": "bone-sites: skull",
    "RT treatment site spinal cord": "body-sites: spinal_cord",
    "RT treatment site spinal canal": "body-sites: spinal_cord",
    "RT treatment site brain": "body-sites: brain",
    "RT treatment site breast": "body-sites: breast",
    "RT treatment site chest wall": "body-sites: chest_wall",
    "RT treatment site axillary node": "body-sites: regional_nodes",
    "RT treatment site whole body": "body-sites: other",
    "procedure: vertebroplasty": "procedures: vertebroplasty",
    "procedure: kyphoplasty": "procedures: kyphoplasty",
    "procedure: cementoplasty": "procedures: cementoplasty",
    "procedure: radiofrequency ablation": "procedures: radiofrequency",
    "procedure: lumpectomy": "procedures: -",
    "procedure: chemotherapy (procedure)": "procedures: -",
    "laterality left": "lateralities: left",
    "laterality right": "lateralities: right",
    "laterality bilateral": "lateralities: both",
    **{
        f"metastasis site {site} as SNOMED": f"body-sites: {organ}"
        for site, organ in (
            ("PUL", "lung"), ("OSS", "bone"), ("HEP", "liver"), ("BRA", "brain"), ("LYM", "lymph_nodes"),
            ("MAR", "bone_marrow"), ("PLE", "lung"), ("PER", "other_visceral"), ("ADR", "other_visceral"),
            ("SKI", "soft_tissue"), ("OTH", "other_visceral"), ("GEN", "unspecified"),
        )
    },
    "radiotherapy technique, oBDS/MII local code (ext procedure-method)": "radiotherapy-techniques: SBRT",
    "Condition.stage.type seen in data": "stage-values: -",
}  # fmt: skip

ONE_BY_ONE: dict[str, str] = {
    "M05BA": "anticancer: antiresorptive",
    "M05BX": "anticancer: not_anticancer",
    "1082701000112100": "conditions: breast_primary, locally_advanced",
    "363346000": "conditions: malignancy_unspecified",
    "767444009": "conditions: breast_primary, unspecified",
    "94217008": "conditions: bone_marrow",
    "G99.2": "conditions: myelopathy",
    **{f"Z17.{code}": f"condition-receptors: {said}" for code, said in (
        ("0", "er_positive"), ("1", "er_negative"), ("21", "pr_positive"), ("22", "pr_negative"),
        ("31", "her2_positive"), ("32", "her2_negative"), ("410", "her2_positive, hr_positive"),
        ("411", "her2_negative, hr_positive"), ("420", "er_negative, her2_positive, pr_negative"),
        ("421", "er_negative, her2_negative, pr_negative"),
    )},
    "44648-4": "observations: nottingham",
    "85310-1": "observations: -",
    "10480-2": "observations: -",
    **{code: "observations: her2_ihc" for code in ("85319-2", "18474-7", "72383-3")},
    **{code: "observations: her2_ish" for code in ("85318-4", "31150-6")},
    "48676-1": "observations: her2",
    "85328-3": "observations: -",
    "74885-5": "observations: -",
    "74860-8": "observations: her2_copy_number",
    "49683-6": "observations: her2_ish_ratio",
    **{code: "presence-values: positive" for code in ("10828004", "52101004", "LA6576-8", "LA9633-4")},
    **{code: "presence-values: negative" for code in ("260385009", "2667000", "LA6577-6", "LA9634-2")},
    "75540009": "presence-values: -",
    "62482003": "presence-values: -",
    "LA6111-4": "her2-ihc-values: 0", "LA11841-6": "her2-ihc-values: 1+",
    "LA11842-4": "her2-ihc-values: 2+", "LA11843-2": "her2-ihc-values: 3+",
    "33729-5": "observations: -",
    "LA27823-6": "grade-values: 1", "LA27825-1": "grade-values: 3",
    "21893-3": "observations: positive_nodes",
    **{code: "observations: positive_nodes_at_least" for code in ("85343-2", "85344-0", "92832-5")},
    **{code: "observations: -" for code in ("85352-3", "21894-1", "92833-3", "33731-1")},
    **{code: "histology: ductal_nst" for code in ("82711006", "373395001", "82591005")},
    **{code: "histology: other_carcinoma" for code in ("444057000", "35232005", "58477004", "703578005")},
    **{site: f"body-sites: {organ}" for site, organ in (
        ("PUL", "lung"), ("OSS", "bone"), ("HEP", "liver"), ("BRA", "brain"), ("LYM", "lymph_nodes"),
        ("MAR", "bone_marrow"), ("PLE", "lung"), ("PER", "other_visceral"), ("ADR", "other_visceral"),
        ("SKI", "soft_tissue"), ("OTH", "other_visceral"), ("GEN", "unspecified"),
    )},
    "P": "radiotherapy-procedures: radiotherapy",
    "MSIRT": "radiotherapy-procedures: radiopharmaceutical",
    "M": "radiotherapy-procedures: radiopharmaceutical",
    "1": "grade-values: 1", "2": "grade-values: 2", "3": "grade-values: 3", "4": "grade-values: -", "X": "grade-values: -",
}  # fmt: skip
"""Codes that mean something else than, or more exactly, what the rest of their concept does."""

LESS_THAN_THE_TABLE: dict[str, str] = {
    "L01CD01": "paclitaxel",  # one code for the substance in any form
    "L01DB01": "doxorubicin",
    "L04AH02": "everolimus for transplantation",
    "L04AX03": "methotrexate for arthritis",
    "1600381": "fluorouracil for the skin",
    "392449": "",  # injected into a lesion
    "2473230": "",  # a conjugate of its own
    "1546450": "", "10122": "", "9549": "",  # the elements
}  # fmt: skip
"""Codes that the tables put under a drug they are not, or not alone, and what they are read as."""

WRONG_IN_THE_TABLE: dict[str, str] = {
    "1658086": "trastuzumab emtansine",  # Kadcyla, given as trastuzumab
    "2267579": "trastuzumab deruxtecan",  # Enhertu, given as trastuzumab
    "2284504": "pegylated liposomal doxorubicin",  # LipoDox, given as doxorubicin
    "2284506": "pegylated liposomal doxorubicin",  # Doxil, given as doxorubicin
    "993457": "",  # a form of denosumab without a strength
    "2723383": "", "2723386": "", "2723387": "", "2723391": "",  # gemcitabine that acts in the bladder
    **LESS_THAN_THE_TABLE,
}  # fmt: skip


def table(name: str) -> list[Row]:
    path = shared_path(f"fhir/{name}.csv")
    assert path is not None
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def read_as(map_name: str, system: str, code: str) -> set[str]:
    return {match.target for match in terminology().concepts(map_name, {"system": system, "code": code})}


@cache
def reasons() -> dict[str, dict[tuple[str, str], str]]:
    """Of each map the codes it lists as standing for nothing, and why; those of a beginning end with an asterisk."""
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for path in (PROFILES / "conceptmaps").glob("*.json"):
        for group in json.loads(path.read_text(encoding="utf-8"))["group"]:
            for element in group["element"]:
                code = element["code"] + ("*" if "extension" in element else "")
                for target in element["target"]:
                    if "code" not in target:
                        found[path.stem][group["source"], code] = target["comment"]
    return found


def is_listed_as_nothing(map_name: str, system: str, code: str) -> bool:
    listed = reasons()[map_name]
    beginnings = [(system, code[:length] + "*") for length in range(1, len(code) + 1)]
    return any(key in listed for key in ((system, code), *beginnings))


# --- codes.csv ----------------------------------------------------------------------------------------


@cache
def rows() -> list[Row]:
    return table("codes") if shared_path("fhir") else []


@pytest.mark.parametrize(
    "concept", sorted({row["concept"] for row in rows() if not row["concept"].startswith("drug:")})
)
def test_every_verified_code_of_a_concept_has_the_meaning_the_concept_names(concept: str) -> None:
    for row in rows():
        if row["concept"] != concept or row["verified"] != "yes":
            continue
        map_name, _, said = ONE_BY_ONE.get(row["code"], MEANINGS.get(concept, "")).partition(": ")
        meant = set() if said == "-" else set(said.split(", "))
        assert read_as(map_name, row["system"], row["code"]) == meant, row["code"]
        assert meant or is_listed_as_nothing(map_name, row["system"], row["code"]), row["code"]


@pytest.mark.parametrize("concept", sorted({row["concept"] for row in rows() if row["concept"].startswith("drug:")}))
def test_every_verified_code_of_a_drug_is_read_as_that_drug(concept: str) -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows():
        if row["concept"].startswith("drug:"):
            named[row["code"]] |= set(canonical(drug_of(row["concept"])))
    for row in rows():
        if row["concept"] == concept and row["verified"] == "yes":
            expected = (
                {LESS_THAN_THE_TABLE[row["code"]]} - {""} if row["code"] in LESS_THAN_THE_TABLE else named[row["code"]]
            )
            assert read_as("drugs", row["system"], row["code"]) == expected, row["code"]


def drug_of(concept: str) -> str:
    return re.sub(r" [\[(].*", "", concept.removeprefix("drug:"))


def test_a_code_that_could_not_be_verified_is_absent_or_marked() -> None:
    unverified = [row for row in rows() if row["verified"] != "yes" and not row["code"].startswith("(") and row["code"]]
    read = {row["code"] for row in unverified if any(read_as(name, row["system"], row["code"]) for name in MAP_NAMES)}
    assert {row["code"] for row in unverified} == {"395915003", "20509-6", "C50.9"}
    # The meaning of both has other sources, as the map says of the first; the second lies under C50.
    assert read == {"20509-6", "C50.9"}
    marked = json.loads((PROFILES / "conceptmaps" / "observations.json").read_text(encoding="utf-8"))["group"]
    (haemoglobin,) = [element for group in marked for element in group["element"] if element["code"] == "20509-6"]
    assert "not" in haemoglobin["target"][0]["comment"]


MAP_NAMES = ("drugs", "observations", "conditions")


# --- rxnorm_products.csv ------------------------------------------------------------------------------


@cache
def products() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table("rxnorm_products") if shared_path("fhir") else ():
        found[row["rxcui"]].append(row)
    return found


def test_every_product_is_read_as_each_of_its_drugs() -> None:
    for code, same in products().items():
        meant = {generic for row in same for generic in canonical(row["drug"])}
        read = read_as("drugs", RXNORM, code)
        if code in WRONG_IN_THE_TABLE:
            assert read == {WRONG_IN_THE_TABLE[code]} - {""}, code
        elif read & FOR_ANOTHER_ILLNESS:
            assert {name.partition(" for ")[0] for name in read} == meant, code
        else:
            assert read == meant, code


def test_a_drug_that_the_name_of_a_product_names_is_one_it_is_read_as() -> None:
    names = {**{name: name for name in CLASSES}, **SYNONYMS}
    for code, same in products().items():
        read = read_as("drugs", RXNORM, code)
        for row in same:
            words = {
                drug
                for name, drug in names.items()
                if re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", row["name"].lower())
            }
            finer = {word for word in words for drug in read if drug != word and drug.startswith(word)}
            coarse = {"doxorubicin"} if "pegylated liposomal doxorubicin" in read else set()
            coarse |= {"paclitaxel"} if "nab-paclitaxel" in read else set()
            assert words - finer - coarse <= read or not read, (code, row["name"])


def test_one_brand_is_the_same_drugs_in_every_product() -> None:
    by_brand: dict[str, set[frozenset[str]]] = defaultdict(set)
    for code, same in products().items():
        for row in same:
            brand = row["name"] if row["tty"] == "BN" else (re.findall(r"\[([^\]]+)\]$", row["name"]) or [""])[0]
            by_brand[brand].add(frozenset(read_as("drugs", RXNORM, code)))
    assert {brand: drugs for brand, drugs in by_brand.items() if brand and len(drugs) > 1} == {}


# --- secondary_cancer_sites.csv, mcode_rt_treatment_locations.csv -------------------------------------


SITE_GROUPS = {
    "bone": {"bone"}, "marrow": {"bone_marrow"}, "liver": {"liver", "other_visceral"}, "fracture": {"bone"},
    "lung_pleura": {"lung", "other_visceral", "unspecified"}, "skin_soft": {"soft_tissue"},
    "lymph_node": {"distant_nodes", "regional_nodes", "lymph_nodes", "unspecified", "breast_primary"},
    "cns": {"brain", "other_visceral", "unspecified"}, "breast": {"breast", "breast_primary", "unspecified"},
    "peritoneum_gi": {"other_visceral"}, "adrenal_renal_gu": {"other_visceral", "breast"},
}  # fmt: skip
"""The groups the table found by words, and what codes of them may be: bile ducts, the trachea or meninges differ."""

OF_ANOTHER_CANCER = re.compile(
    r"from|carcinoid|melanoma|squamous|small cell|large cell|leuk|lympho|neuroblastoma|sarcoma|basal cell|renal cell|"
    r"merkel|neuroendocrine|krukenberg|pseudomyxoma|primary malignant|prostate|uterus|thyroid|unknown origin|donor|"
    r"rectosigmoid|specify|undifferentiated",
    re.IGNORECASE,
)


def test_every_secondary_cancer_is_of_its_group_or_of_another_cancer() -> None:
    for row in table("secondary_cancer_sites"):
        read = read_as("conditions", row["system"], row["code"])
        group = row["site_group_heuristic"].partition(" (")[0]
        if not read:
            assert OF_ANOTHER_CANCER.search(row["display"]), row
        elif group in SITE_GROUPS:
            assert read & SITE_GROUPS[group], row


def test_every_place_of_radiotherapy_is_a_place_here_unless_it_is_none_of_the_body() -> None:
    unknown = {
        row["code"]
        for row in table("mcode_rt_treatment_locations")
        if not read_as("body-sites", row["system"], row["code"])
    }
    # A pacemaker, a tumour bed, a scar, two contoured volumes of bowel, and the body as such.
    assert unknown == {"14106009", "1162492000", "12402003", "1285442003", "1285443008", "123037004"}


def test_every_tumour_marker_of_breast_cancer_in_the_table_is_read_or_listed_with_a_reason() -> None:
    words = re.compile(r"estrogen receptor|progesterone receptor|HER2|ERBB2|BRCA[12]|PD-L1", re.IGNORECASE)
    left = {
        row["code"]
        for row in table("mcode_tumor_marker_loinc")
        if words.search(row["display"])
        and not read_as("observations", "http://loinc.org", row["code"])
        and not is_listed_as_nothing("observations", "http://loinc.org", row["code"])
    }
    assert left == set()
