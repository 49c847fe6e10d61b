"""What a code means, and what it does not: the maps of fhir_profiles and the look-ups in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rulesets.drugs import CLASSES, FOR_ANOTHER_ILLNESS, NON_ANTICANCER, class_of
from rulesets.facts import FACTS
from rulesets.language import ChoiceFact
from service.intake.terminology import Coding, Terminology, TerminologyError, load

PROFILES = Path(__file__).parents[2] / "fhir_profiles"
MAPS = sorted((PROFILES / "conceptmaps").glob("*.json"))

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
UICC = "https://www.uicc.org/resources/tnm"


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return load(PROFILES)


def concept(*codings: tuple[str, ...]) -> dict[str, Any]:
    return {"coding": [dict(zip(("system", "code", "display"), coding, strict=False)) for coding in codings]}


@pytest.fixture(scope="module")
def targets(terminology: Terminology) -> Callable[..., set[str]]:
    def found(map_name: str, *codings: tuple[str, ...]) -> set[str]:
        return {match.target for match in terminology.concepts(map_name, concept(*codings))}

    return found


def listed() -> Iterator[tuple[str, str, str]]:
    """Every code a map lists: file, system, code."""
    for path in MAPS:
        for group in json.loads(path.read_text())["group"]:
            yield from ((path.stem, group["source"], element["code"]) for element in group["element"])


# --- the maps -------------------------------------------------------------------------------------


def test_every_source_system_goes_by_its_usual_name() -> None:
    aliases = json.loads((PROFILES / "conceptmaps" / "system-aliases.json").read_text())["group"][0]["element"]
    usual = {target["code"] for element in aliases for target in element["target"]}
    other = {element["code"] for element in aliases} - usual
    assert not [entry for entry in listed() if entry[1] in other]


def test_any_open_fact_and_no_other_may_be_sent_by_its_name() -> None:
    codes = json.loads((PROFILES / "codesystems" / "fact.json").read_text())["concept"]
    open_facts = {name for name, fact in FACTS.items() if fact.world == "open"}
    assert {each["code"] for each in codes} == open_facts | {"lesion", "course", "drug", "order"}


def test_every_value_of_an_open_choice_fact_may_be_sent(targets: Callable[..., set[str]]) -> None:
    for fact in FACTS.values():
        if fact.world == "open" and isinstance(fact, ChoiceFact):
            for value in fact.allowed:
                assert targets("fact-values", ("urn:osteon:codesystem:fact-value", value)) == {value}


# --- drugs --------------------------------------------------------------------------------------


def test_every_drug_that_has_a_code_is_reached_by_it(targets: Callable[..., set[str]]) -> None:
    reachable = {
        target for file, system, code in listed() if file == "drugs" for target in targets("drugs", (system, code))
    }
    named = {each["code"] for each in json.loads((PROFILES / "codesystems" / "drugs.json").read_text())["concept"]}
    anticancer_without_code = {"camizestrant", "imlunestrant"}
    other_medicines = {
        "morphine", "oxycodone", "fentanyl", "tramadol", "paracetamol", "diclofenac", "dexamethasone", "prednisolone",
        "ondansetron", "omeprazole", "pantoprazole", "pregabalin", "gabapentin", "ramipril", "lisinopril",
        "bisoprolol", "atorvastatin", "warfarin", "apixaban", "enoxaparin", "calcium carbonate", "cholecalciferol",
        "filgrastim",
    }  # fmt: skip
    assert named - reachable == anticancer_without_code | other_medicines


@pytest.mark.parametrize(
    ("system", "code", "drugs"),
    [
        (RXNORM, "1601374", {"palbociclib"}),
        (RXNORM, "224905", {"trastuzumab"}),
        (RXNORM, "1371041", {"trastuzumab emtansine"}),
        (RXNORM, "1658086", {"trastuzumab emtansine"}),
        (RXNORM, "2267574", {"trastuzumab deruxtecan"}),
        (RXNORM, "2267579", {"trastuzumab deruxtecan"}),
        (RXNORM, "466523", {"pegylated liposomal doxorubicin"}),
        (RXNORM, "2284506", {"pegylated liposomal doxorubicin"}),
        (RXNORM, "3639", {"doxorubicin"}),
        (RXNORM, "583214", {"nab-paclitaxel"}),
        (RXNORM, "1158877", {"capecitabine"}),
        (RXNORM, "2382603", {"pertuzumab", "trastuzumab"}),
        (RXNORM, "1923053", {"letrozole", "ribociclib"}),
        (RXNORM, "1046402", {"denosumab"}),
        (RXNORM, "281890", {"strontium-89"}),
        (RXNORM, "1424174", {"radium-223"}),
        (ATC, "L01FD01", {"trastuzumab"}),
        (ATC, "L01FD03", {"trastuzumab emtansine"}),
        (ATC, "L01FY01", {"pertuzumab", "trastuzumab"}),
        (ATC, "L01XY02", {"pertuzumab", "trastuzumab"}),
        (ATC, "L01XC14", {"trastuzumab emtansine"}),
        (ATC, "L01XE33", {"palbociclib"}),
        (ATC, "L01XK01", {"olaparib"}),
        (ATC, "L01XX46", {"olaparib"}),
        (ATC, "V10XX03", {"radium-223"}),
        (SNOMED, "715958001", {"palbociclib"}),
        (SNOMED, "448800004", {"eribulin"}),
        (SNOMED, "708166000", {"eribulin"}),
        (SNOMED, "772118008", {"pegylated liposomal doxorubicin"}),
        (SNOMED, "784176009", {"trastuzumab"}),
    ],
)
def test_a_medication_code_names_its_drugs(
    targets: Callable[..., set[str]], system: str, code: str, drugs: set[str]
) -> None:
    assert targets("drugs", (system, code)) == drugs


@pytest.mark.parametrize(
    ("system", "code", "why"),
    [
        (RXNORM, "10122", "strontium, the element"),
        (RXNORM, "1546450", "radium, the element"),
        (RXNORM, "9549", "samarium, the element"),
        (RXNORM, "993457", "denosumab without a strength"),
        (RXNORM, "392449", "fluorouracil injected into a lesion"),
        (RXNORM, "2473230", "a conjugate of paclitaxel"),
        (RXNORM, "2723387", "gemcitabine in the bladder"),
        (ATC, "L01EF", "a class, not a drug"),
    ],
)
def test_a_false_friend_of_a_drug_names_none(
    targets: Callable[..., set[str]], system: str, code: str, why: str
) -> None:
    assert targets("drugs", (system, code)) == set(), why


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (ATC, "L04AH02", "everolimus for transplantation"),
        (ATC, "L04AA18", "everolimus for transplantation"),
        (RXNORM, "977428", "everolimus for transplantation"),
        (RXNORM, "2056895", "everolimus for transplantation"),
        (ATC, "L04AX03", "methotrexate for arthritis"),
        (RXNORM, "1441403", "methotrexate for arthritis"),
        (RXNORM, "993453", "denosumab for osteoporosis"),
        (RXNORM, "2715515", "denosumab for osteoporosis"),
        (RXNORM, "705872", "zoledronic acid for osteoporosis"),
        (RXNORM, "904932", "ibandronate for osteoporosis"),
        (RXNORM, "213045", "fluorouracil for the skin"),
        (ATC, "M05BA04", "alendronate"),
        (ATC, "M05BB03", "alendronate"),
        (ATC, "M05BX03", "strontium ranelate"),
    ],
)
def test_a_product_for_another_illness_has_a_name_of_its_own_and_is_no_cancer_drug(
    targets: Callable[..., set[str]], system: str, code: str, name: str
) -> None:
    assert targets("drugs", (system, code)) == {name}
    assert class_of(name, None) == "non_anticancer"


def test_the_product_says_more_than_the_substance_beside_it(targets: Callable[..., set[str]]) -> None:
    assert targets("drugs", (ATC, "M05BX04"), (RXNORM, "993456")) == {"denosumab for osteoporosis"}
    assert targets("drugs", (SNOMED, "428698007"), (ATC, "L04AH02")) == {"everolimus for transplantation"}
    assert targets("drugs", (RXNORM, "993449"), (RXNORM, "1046402")) == {"denosumab"}


def test_the_drugs_that_may_be_named_are_those_of_the_drug_map() -> None:
    named = {each["code"] for each in json.loads((PROFILES / "codesystems" / "drugs.json").read_text())["concept"]}
    assert named == set(CLASSES) | NON_ANTICANCER | FOR_ANOTHER_ILLNESS


def test_a_coarse_code_beside_a_finer_one_does_not_make_two_drugs(targets: Callable[..., set[str]]) -> None:
    assert targets("drugs", (ATC, "L01CD01"), (SNOMED, "426653008")) == {"nab-paclitaxel"}
    assert targets("drugs", (RXNORM, "224905"), (RXNORM, "1371041")) == {"trastuzumab emtansine"}
    assert targets("drugs", (ATC, "L01CD01"), (ATC, "L01FD01")) == {"paclitaxel", "trastuzumab"}


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("L01BC59", {"anticancer"}),
        ("L02BX03", {"anticancer"}),
        ("V10AX04", {"anticancer"}),
        ("V09IX04", {"not_anticancer"}),
        ("L03AA02", {"not_anticancer"}),
        ("L04AH02", {"not_anticancer"}),
        ("M05BA07", {"antiresorptive"}),
        ("M05BX04", {"antiresorptive"}),
        ("M05BX03", {"not_anticancer"}),
        ("M05BB08", {"antiresorptive"}),
        ("N02AA01", {"not_anticancer"}),
        ("n02aa01", {"not_anticancer"}),
        ("QL01XX", set()),
    ],
)
def test_the_beginning_of_an_atc_code_tells_an_anticancer_drug(
    targets: Callable[..., set[str]], code: str, answer: set[str]
) -> None:
    assert targets("anticancer", (ATC, code)) == answer


def test_an_ingredient_without_an_atc_code_is_neither_anticancer_nor_not(targets: Callable[..., set[str]]) -> None:
    assert targets("anticancer", (RXNORM, "1601374")) == set()
    assert targets("anticancer", (RXNORM, "993457")) == {"antiresorptive"}


# --- conditions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "code", "answer"),
    [
        (SNOMED, "254837009", {"breast_primary"}),
        (SNOMED, "314955001", {"breast_recurrence"}),
        (SNOMED, "363346000", {"malignancy_unspecified"}),
        (SNOMED, "94222008", {"bone"}),
        (SNOMED, "94217008", {"bone_marrow"}),
        (SNOMED, "94493005", {"lung"}),
        (SNOMED, "94600009", {"brain"}),
        (SNOMED, "94161006", {"other_visceral"}),
        (SNOMED, "94579000", {"soft_tissue"}),
        (SNOMED, "94181007", {"regional_nodes"}),
        (SNOMED, "94408005", {"distant_nodes"}),
        (SNOMED, "94392001", {"lymph_nodes"}),
        (SNOMED, "94614009", {"lymph_nodes"}),
        (SNOMED, "94297009", {"breast"}),
        (SNOMED, "128462008", {"unspecified"}),
        (SNOMED, "314990009", set()),
        (SNOMED, "315004001", {"unspecified"}),
        (ICD_O_3, "C50.4", {"breast_primary"}),
        (ICD_O_3, "C34.1", set()),
        (ICD_O_3, "8500/3", {"malignancy_unspecified"}),
        (ICD_O_3, "8500/2", set()),
        (ICD_O_3, "8140/6", {"unspecified"}),
        (ICD_10_CM, "Z79.83", set()),
        (SNOMED, "91271000119101", set()),
        (SNOMED, "134421000", {"bone", "pathological_fracture"}),
        (SNOMED, "866087009", {"bone", "pathological_fracture"}),
        (SNOMED, "268029009", {"fracture_cause_unstated"}),
        (SNOMED, "71286001", {"cord_compression"}),
        (SNOMED, "12584003", {"bone_pain"}),
        (SNOMED, "31541009", {"sarcoidosis"}),
        (ICD_10_CM, "C50.911", {"breast_primary"}),
        (ICD_10_CM, "C61", {"other_primary"}),
        (ICD_10_CM, "D05.10", set()),
        (ICD_10_CM, "C79.51", {"bone"}),
        (ICD_10_CM, "C79.52", {"bone_marrow"}),
        (ICD_10, "C79.5", {"bone"}),
        (ICD_10_CM, "C79.31", {"brain"}),
        (ICD_10_CM, "C79.32", {"other_visceral"}),
        (ICD_10_CM, "C78.02", {"lung"}),
        (ICD_10_CM, "C78.2", {"lung"}),
        (ICD_10_CM, "C78.7", {"liver"}),
        (ICD_10_CM, "C77.3", {"regional_nodes"}),
        (ICD_10_CM, "C77.2", {"distant_nodes"}),
        (ICD_10_CM, "C77.9", {"lymph_nodes"}),
        (ICD_10_CM, "C79.9", {"unspecified"}),
        (ICD_10_CM, "C80.0", {"unspecified"}),
        (ICD_10, "C80.0", {"malignancy_unspecified"}),
        (ICD_10_CM, "M84.551A", {"pathological_fracture"}),
        (ICD_10_CM, "M84.40XA", set()),
        (ICD_10_CM, "M80.08XA", set()),
        (ICD_10_CM, "G95.20", {"cord_compression"}),
        (ICD_10_CM, "G99.2", {"myelopathy"}),
        (ICD_10_CM, "Z85.3", {"breast_history"}),
        (ICD_10_CM, "D86.2", {"sarcoidosis"}),
    ],
)
def test_a_condition_says_what_it_is(
    targets: Callable[..., set[str]], system: str, code: str, answer: set[str]
) -> None:
    assert targets("conditions", (system, code)) == answer


def test_a_stated_site_replaces_an_unstated_one(targets: Callable[..., set[str]]) -> None:
    assert targets("conditions", (SNOMED, "128462008"), (ICD_10_CM, "C79.51")) == {"bone"}
    assert targets("conditions", (SNOMED, "363346000"), (ICD_10_CM, "C50.9")) == {"breast_primary"}


def test_regional_nodes_do_not_answer_where_the_distant_disease_is(targets: Callable[..., set[str]]) -> None:
    assert targets("conditions", (SNOMED, "128462008"), (SNOMED, "94181007")) == {"unspecified", "regional_nodes"}


@pytest.mark.parametrize(
    ("system", "code", "site"),
    [
        (SNOMED, "94602001", {"vertebra"}),
        (SNOMED, "94389000", {"vertebra"}),
        (SNOMED, "94527001", {"sacrum"}),
        (SNOMED, "94478006", {"pelvis"}),
        (SNOMED, "94521000", {"rib"}),
        (SNOMED, "94605004", {"sternum"}),
        (SNOMED, "94220000", {"skull"}),
        (SNOMED, "94300004", {"long_bone"}),
        (SNOMED, "94529003", {"other_bone"}),
        (SNOMED, "94222008", set()),
        (SNOMED, "118645006", set()),
        (SNOMED, "55492004", {"vertebra"}),
        (SNOMED, "87141009", {"sacrum"}),
        (SNOMED, "29627003", {"long_bone"}),
        (ICD_10_CM, "M84.552D", {"long_bone"}),
        (ICD_10_CM, "M84.58XA", set()),
    ],
)
def test_a_skeletal_site_is_named_only_by_a_code_of_that_part(
    targets: Callable[..., set[str]], system: str, code: str, site: set[str]
) -> None:
    assert targets("bone-sites", (system, code)) == site


@pytest.mark.parametrize(
    ("code", "organ", "region"),
    [
        ("55492004", {"bone"}, {"spine"}),
        ("87141009", {"bone"}, {"sacrum"}),
        ("118645006", {"bone"}, {"pelvis"}),
        ("113197003", {"bone"}, {"thorax"}),
        ("71341001", {"bone"}, {"extremity"}),
        ("89546000", {"bone"}, {"skull"}),
        ("12738006", {"brain"}, {"other"}),
        ("2748008", {"spinal_cord"}, {"spine"}),
        ("76752008", {"breast"}, {"thorax"}),
        ("10200004", {"liver"}, {"other"}),
        ("89837001", {"other_visceral"}, {"pelvis"}),
        ("28231008", {"other_visceral"}, {"other"}),
        ("15924003", {"other_visceral"}, {"other"}),
        ("68171009", {"regional_nodes"}, {"thorax"}),
        ("258333005", {"bone"}, set()),
        ("260413007", {"none"}, set()),
    ],
)
def test_a_body_structure_has_an_organ_and_a_region(
    targets: Callable[..., set[str]], code: str, organ: set[str], region: set[str]
) -> None:
    assert targets("body-sites", (SNOMED, code)) == organ
    assert targets("body-regions", (SNOMED, code)) == region


@pytest.mark.parametrize(
    ("system", "code", "answer"),
    [
        (SNOMED, "417181009", {"hr_positive"}),
        (SNOMED, "706970001", {"er_negative", "pr_negative", "her2_negative"}),
        (SNOMED, "767444009", {"her2_negative", "brca_mutated"}),
        (ICD_10_CM, "Z17.0", {"er_positive"}),
        (ICD_10_CM, "Z17.1", {"er_negative"}),
        (ICD_10_CM, "Z17.411", {"hr_positive", "her2_negative"}),
        (ICD_10_CM, "Z17.420", {"er_negative", "pr_negative", "her2_positive"}),
        (ICD_10_CM, "Z17", set()),
    ],
)
def test_a_condition_may_carry_receptors(
    targets: Callable[..., set[str]], system: str, code: str, answer: set[str]
) -> None:
    assert targets("condition-receptors", (system, code)) == answer


# --- observations and values --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("map_name", "system", "code", "answer"),
    [
        ("observations", LOINC, "85337-4", {"er"}),
        ("observations", LOINC, "85310-1", set()),
        ("observations", LOINC, "18474-7", {"her2_ihc"}),
        ("observations", LOINC, "49683-6", {"her2_ish_ratio"}),
        ("observations", LOINC, "89247-1", {"ecog"}),
        ("observations", SNOMED, "423740007", {"ecog"}),
        ("observations", LOINC, "718-7", {"haemoglobin"}),
        ("observations", LOINC, "33728-7", {"tumour_size"}),
        ("observations", LOINC, "33729-5", set()),
        ("observations", LOINC, "21893-3", {"positive_nodes"}),
        ("observations", LOINC, "21894-1", set()),
        ("observations", SNOMED, "399537006", {"stage_group"}),
        ("observations", SNOMED, "399504009", {"t_category"}),
        ("observations", SNOMED, "371494008", {"n_category"}),
        ("observations", LOINC, "21913-9", {"m_category"}),
        ("observations", LOINC, "94191-4", {"brca"}),
        ("observations", LOINC, "85330-9", set()),
        ("presence-values", UICC, "r", {"positive"}),
        ("presence-values", SNOMED, "75540009", set()),
        ("condition-receptors", SNOMED, "441117001", {"er_negative"}),
        ("facts", "urn:osteon:codesystem:fact", "patient.systemic_condition", {"patient.systemic_condition"}),
        ("facts", "urn:osteon:codesystem:fact", "prognosis.group", set()),
        ("fact-values", SNOMED, "2667000", {"absent", "negative", "false"}),
        ("presence-values", SNOMED, "52101004", {"positive"}),
        ("presence-values", LOINC, "LA6577-6", {"negative"}),
        ("presence-values", SNOMED, "261665006", {"unknown"}),
        ("her2-ihc-values", LOINC, "LA11842-4", {"2+"}),
        ("ecog-values", LOINC, "LA9625-0", {"3"}),
        ("ecog-values", SNOMED, "425389002", {"0"}),
        ("karnofsky-values", LOINC, "LA29176-7", {"90"}),
        ("grade-values", SNOMED, "1155707008", {"3"}),
        ("grade-values", SNOMED, "373374006", set()),
        ("stage-values", SNOMED, "1222769001", {"II"}),
        ("stage-values", SNOMED, "258224005", {"III"}),
        ("stage-values", "http://cancerstaging.org", "c3A", {"IIIA"}),
        ("stage-values", "https://www.uicc.org/resources/tnm", "IVC", {"IV"}),
        ("stage-values", SNOMED, "1352915007", {"IIIA"}),
        ("stage-values", SNOMED, "385349001", set()),
        ("t-values", SNOMED, "1352982001", {"t4"}),
        ("t-values", SNOMED, "1228885007", set()),
        ("n-values", SNOMED, "1229962001", {"n3"}),
        ("m-values", SNOMED, "1229901006", {"m0"}),
        ("m-values", SNOMED, "1229902004", {"m0"}),
        ("m-values", SNOMED, "1352583000", {"m1"}),
        ("m-values", SNOMED, "55440008", {"m1"}),
        ("m-values", "https://www.uicc.org/resources/tnm", "M1b", {"m1"}),
        ("m-values", "http://cancerstaging.org", "cM0", {"m0"}),
        ("m-values", "https://www.uicc.org/resources/tnm", "MX", set()),
        ("genes", "http://www.genenames.org", "HGNC:1100", {"BRCA1"}),
        ("genes", "http://www.genenames.org/geneId", "1100", {"BRCA1"}),
        ("genes", "https://www.ncbi.nlm.nih.gov/gene", "1100", set()),
        ("radiotherapy-procedures", SNOMED, "33195004", {"radiotherapy"}),
        ("radiotherapy-procedures", SNOMED, "169345006", {"bone_radiotherapy"}),
        ("radiotherapy-procedures", SNOMED, "1222565005", {"radiotherapy_phase"}),
        ("radiotherapy-procedures", SNOMED, "367336001", set()),
        ("radiotherapy-procedures", OPS, "8-522.d1", {"radiotherapy"}),
        ("radiotherapy-procedures", OPS, "8-524.1", {"brachytherapy"}),
        ("radiotherapy-procedures", OPS, "8-529.8", set()),
        ("procedures", SNOMED, "401226007", {"vertebroplasty"}),
        ("procedures", SNOMED, "392021009", set()),
        ("radiotherapy-techniques", SNOMED, "115959002", {"SRS"}),
        ("radiotherapy-techniques", SNOMED, "395096001", {"SBRT"}),
        ("radiotherapy-techniques", SNOMED, "1156526006", set()),
        ("radiotherapy-intents", SNOMED, "373808002", {"radical"}),
        ("radiotherapy-intents", SNOMED, "399707004", set()),
        ("imaging", SNOMED, "113091000", {"MRI"}),
        ("imaging", SNOMED, "717193008", set()),
        ("specimen-origins", SNOMED, "80248007", {"primary"}),
        ("specimen-origins", SNOMED, "10200004", {"metastasis"}),
        ("specimen-origins", SNOMED, "68171009", set()),
        ("histology", SNOMED, "89740008", {"lobular"}),
        ("histology", "http://terminology.hl7.org/CodeSystem/icd-o-3", "9120/3", {"angiosarcoma"}),
    ],
)
def test_a_code_answers_the_question_of_its_map(
    targets: Callable[..., set[str]], map_name: str, system: str, code: str, answer: set[str]
) -> None:
    assert targets(map_name, (system, code)) == answer


# --- look-ups -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "system",
    [
        "http://snomed.info/sct",
        "https://snomed.info/sct",
        "http://snomed.info/sct/",
        "HTTP://Snomed.info/SCT",
        "urn:oid:2.16.840.1.113883.6.96",
        "2.16.840.1.113883.6.96",
        "https://dmd.nhs.uk",
        "http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20251001",
        "http://snomed.info/sct/900000000000207008",
        "https://snomed.info/sct/900000000000207008/",
        "http://snomed.info/sct/11000274103/version/20251115",
    ],
)
def test_a_system_is_known_by_each_of_its_names(targets: Callable[..., set[str]], system: str) -> None:
    assert targets("conditions", (system, "94222008")) == {"bone"}


@pytest.mark.parametrize(
    ("system", "map_name", "code", "answer"),
    [
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "conditions", "C79.5", {"bone"}),
        ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", "conditions", "C79.5", {"bone"}),
        ("urn:oid:1.2.276.0.76.5.409", "conditions", "C79.5", {"bone"}),
        ("http://hl7.org/fhir/sid/icd-10-nl", "conditions", "C79.5", {"bone"}),
        ("urn:oid:1.2.752.116.1.1.1.1.3", "conditions", "C795", {"bone"}),
        ("urn:oid:2.16.578.1.12.4.1.1.7110", "conditions", "C795", {"bone"}),
        ("1.2.246.537.6.1.1999", "conditions", "C79.5", {"bone"}),
        ("https://smt.esante.gouv.fr/terminologie-cim-10", "conditions", "C79.5", {"bone"}),
        ("http://fhir.de/CodeSystem/bfarm/atc", "drugs", "L01XK01", {"olaparib"}),
        ("urn:oid:2.16.578.1.12.4.1.1.7180", "drugs", "L01XK01", {"olaparib"}),
        ("urn:oid:2.16.840.1.113883.6.43.1", "histology", "8520/3", {"lobular"}),
        ("http://dktk.dkfz.de/fhir/onco/core/CodeSystem/FMLokalisationCS", "body-sites", "OSS", {"bone"}),
        ("http://hospital.example", "conditions", "C79.5", set()),
    ],
)
def test_national_names_of_code_systems_are_known(
    targets: Callable[..., set[str]], system: str, map_name: str, code: str, answer: set[str]
) -> None:
    assert targets(map_name, (system, code)) == answer


def test_a_name_of_a_system_stands_for_one_system_only(copied: Path) -> None:
    path = copied / "conceptmaps" / "system-aliases.json"
    resource = json.loads(path.read_text())
    other = {"code": "HTTPS://LOINC.ORG/", "target": [{"code": "http://www.whocc.no/atc", "equivalence": "equal"}]}
    resource["group"][0]["element"].append(other)
    path.write_text(json.dumps(resource))

    with pytest.raises(TerminologyError, match=r"maps the system HTTPS://LOINC\.ORG/ to another system"):
        load(copied)


@pytest.mark.parametrize("code", ["C79.51", "c79.51", "C7951", "C79.51 ", "C79.51+"])
def test_the_spelling_of_an_icd_code_does_not_matter(targets: Callable[..., set[str]], code: str) -> None:
    assert targets("conditions", (ICD_10_CM, code)) == {"bone"}


def test_only_a_listed_beginning_matches_by_its_beginning(targets: Callable[..., set[str]]) -> None:
    assert targets("conditions", (SNOMED, "942220081")) == set()
    assert targets("condition-receptors", (ICD_10_CM, "Z17.01")) == set()


@pytest.mark.parametrize(
    "codeable",
    [
        None,
        {},
        {"text": "no bone metastasis"},
        {"text": "bone metastasis?"},
        {"text": "bone metastasis", "coding": [{"system": "http://hospital.example", "code": "1"}]},
        {"coding": []},
        {"coding": None},
        {"coding": ["94222008"]},
        {"coding": [{"code": "94222008"}]},
        {"coding": [{"system": SNOMED}]},
        {"coding": [{"system": SNOMED, "code": 94222008}]},
        {"coding": [{"system": "http://hospital.example", "code": "94222008"}]},
        "94222008",
    ],
)
def test_without_a_known_system_and_code_there_is_no_match(terminology: Terminology, codeable: Any) -> None:
    assert terminology.concepts("conditions", codeable) == ()
    assert terminology.contains("breast-cancer", codeable) is None


def test_a_single_coding_is_read_like_a_concept_with_one(terminology: Terminology) -> None:
    coding = {"system": SNOMED, "code": "94222008"}
    assert terminology.concepts("conditions", coding) == terminology.concepts("conditions", {"coding": [coding]})


def test_the_code_decides_and_a_display_of_something_else_is_flagged(terminology: Terminology) -> None:
    lung = terminology.concepts("conditions", concept((SNOMED, "94222008", "Secondary malignant neoplasm of lung")))
    assert [(match.target, match.mismatch) for match in lung] == [("bone", True)]
    right = terminology.concepts("conditions", concept((SNOMED, "94222008", "secondary malignant neoplasm of bone")))
    assert [(match.target, match.mismatch) for match in right] == [("bone", False)]
    own = terminology.concepts("conditions", concept((SNOMED, "94222008", "Knochenmetastase")))
    assert [(match.target, match.mismatch) for match in own] == [("bone", False)]


def test_a_drug_displayed_as_another_drug_is_flagged(terminology: Terminology) -> None:
    (match,) = terminology.concepts("drugs", concept((RXNORM, "1156253", "Paclitaxel")))
    assert (match.target, match.mismatch) == ("zoledronic acid", True)


def test_a_match_carries_the_coding_as_it_was_sent(terminology: Terminology) -> None:
    (match,) = terminology.concepts("conditions", concept((ICD_10_CM, "c79.51", "Bone")))
    assert match.coding == Coding(ICD_10_CM, "c79.51", "Bone")


def test_the_order_of_the_codings_does_not_change_the_answer(terminology: Terminology) -> None:
    codings = [(SNOMED, "94222008"), (ICD_10_CM, "C79.51"), (SNOMED, "94381002")]
    forth = terminology.concepts("conditions", concept(*codings))
    assert forth == terminology.concepts("conditions", concept(*reversed(codings)))
    assert [match.target for match in forth] == ["bone", "liver"]


def test_the_coding_the_user_chose_is_the_one_that_is_named(terminology: Terminology) -> None:
    codeable = concept((ICD_10_CM, "C79.51"), (SNOMED, "94222008"))
    assert terminology.concepts("conditions", codeable)[0].coding.system == ICD_10_CM
    codeable["coding"][1]["userSelected"] = True
    assert terminology.concepts("conditions", codeable)[0].coding.system == SNOMED


def test_a_value_set_contains_its_codes_and_codes_under_its_prefixes(terminology: Terminology) -> None:
    found = terminology.contains("breast-cancer", concept((ICD_10_CM, "C50.911")))
    assert found is not None and found.target == "C50"
    assert terminology.contains("secondary-cancer", concept((SNOMED, "94222008"))) is not None
    assert terminology.contains("secondary-cancer", concept((SNOMED, "94181007"))) is None


def test_our_own_codes_stand_for_themselves(targets: Callable[..., set[str]]) -> None:
    assert targets("drugs", ("urn:osteon:codesystem:drugs", "camizestrant")) == {"camizestrant"}
    assert targets("drugs", ("urn:osteon:codesystem:drugs", "aspirin")) == set()


def test_an_unknown_map_is_an_error_and_not_an_empty_answer(terminology: Terminology) -> None:
    with pytest.raises(KeyError):
        terminology.concepts("tumours", None)
    with pytest.raises(KeyError):
        terminology.contains("tumours", None)


# --- loading ------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(PROFILES, tmp_path / "profiles", ignore=shutil.ignore_patterns("*.md"))
    return tmp_path / "profiles"


def local_map(folder: Path, target: str, code: str, equivalence: str = "equivalent") -> Path:
    folder.mkdir(exist_ok=True)
    mapped = {"code": code, "target": [{"code": target, "equivalence": equivalence}]}
    group = {"source": "http://hospital.example", "target": "urn:osteon:codesystem:drugs", "element": [mapped]}
    (folder / "local.json").write_text(json.dumps({"resourceType": "ConceptMap", "group": [group]}))
    return folder


def test_a_hospital_adds_its_own_codes(tmp_path: Path, terminology: Terminology) -> None:
    ours = load(PROFILES, local_map(tmp_path / "extra", "olaparib", "H-1"))
    (match,) = ours.concepts("drugs", concept(("http://hospital.example", "H-1")))
    assert match.target == "olaparib"
    assert ours.digest != terminology.digest


def test_a_looser_mapping_of_a_hospital_is_not_used(tmp_path: Path) -> None:
    ours = load(PROFILES, local_map(tmp_path / "extra", "olaparib", "H-1", "inexact"))
    assert ours.concepts("drugs", concept(("http://hospital.example", "H-1"))) == ()


def test_a_hospital_may_not_map_to_a_target_that_is_not_ours(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="'aspirin', which is not a code of the target system"):
        load(PROFILES, local_map(tmp_path / "extra", "aspirin", "H-1"))


def test_a_hospital_may_not_give_a_known_code_another_meaning(tmp_path: Path) -> None:
    folder = local_map(tmp_path / "extra", "olaparib", "1371041")
    text = (folder / "local.json").read_text().replace("http://hospital.example", RXNORM)
    (folder / "local.json").write_text(text)
    with pytest.raises(TerminologyError, match="another target than an earlier entry"):
        load(PROFILES, folder)


def test_the_digest_changes_with_a_resource_and_only_then(copied: Path, terminology: Terminology) -> None:
    assert load(copied).digest == terminology.digest
    path = copied / "conceptmaps" / "lateralities.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    assert load(copied).digest == terminology.digest
    path.write_text(path.read_text().replace('"left"', '"right"', 1))
    assert load(copied).digest != terminology.digest


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text[:-5], "is not readable as JSON"),
        (lambda text: text.replace('"ConceptMap"', '"Patient"'), "is not a ConceptMap"),
        (lambda text: text.replace('"code": "24028007",', ""), "has no code"),
        (lambda text: text.replace('"code": "left"', '"code": "port"'), "'port', which is not a code"),
        (lambda text: text.replace('"equivalent"', '"same"'), "unknown equivalence 'same'"),
        (lambda text: text.replace("codesystem:lateralities", "codesystem:sides"), "there is no CodeSystem"),
        (lambda text: text.replace('"group"', '"groups"'), "has no group"),
    ],
)
def test_a_malformed_resource_stops_the_start_with_a_sentence(
    copied: Path, change: Callable[[str], str], sentence: str
) -> None:
    path = copied / "conceptmaps" / "lateralities.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(TerminologyError, match=sentence) as caught:
        load(copied)
    assert "lateralities.json" in str(caught.value)


def test_without_its_folder_there_is_no_terminology(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="no terminology folder"):
        load(tmp_path)
