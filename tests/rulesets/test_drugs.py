"""Drug names: what they stand for, and the class they belong to."""

from __future__ import annotations

import pytest

from rulesets.drugs import (
    CLASSES,
    COMBINATIONS,
    FOR_ANOTHER_ILLNESS,
    NON_ANTICANCER,
    SYNONYMS,
    canonical,
    class_of,
)
from rulesets.facts import DRUG_CLASSES


@pytest.mark.parametrize("name", ["T-DM1", "  t-dm1 ", "Ado-Trastuzumab   Emtansine", "trastuzumab emtansine"])
def test_every_name_of_t_dm1_is_trastuzumab_emtansine(name: str) -> None:
    assert canonical(name) == ("trastuzumab emtansine",)


def test_a_conjugate_is_not_its_antibody() -> None:
    assert class_of("trastuzumab emtansine", None) == "anti_her2_adc"
    assert class_of("trastuzumab", None) == "anti_her2_mab"
    assert class_of("trastuzumab duocarmazine", None) == "other"


@pytest.mark.parametrize("name", ["letrozole/ribociclib", "Ribociclib / Letrozole", "Kisqali Femara Co-Pack"])
def test_a_fixed_combination_is_each_of_its_ingredients(name: str) -> None:
    assert canonical(name) == ("ribociclib", "letrozole")


def test_hyaluronidase_is_no_ingredient_of_its_own() -> None:
    assert canonical("Trastuzumab/Hyaluronidase") == ("trastuzumab",)
    assert canonical("pertuzumab/trastuzumab/hyaluronidase") == ("trastuzumab", "pertuzumab")
    assert canonical("Phesgo") == ("trastuzumab", "pertuzumab")


def test_an_unknown_name_is_itself_in_lower_case() -> None:
    assert canonical("Zanidatamab  Zovodotin") == ("zanidatamab zovodotin",)


def test_the_class_of_a_combination_is_that_of_its_first_ingredient() -> None:
    assert class_of("letrozole/ribociclib", None) == "cdk46_inhibitor"


def test_the_map_speaks_before_what_the_code_says() -> None:
    assert class_of("methotrexate", False) == "cytotoxic"


def test_a_drug_that_is_not_in_the_map_is_other_unless_it_is_said_to_be_no_cancer_drug() -> None:
    assert class_of("novamab", None) == "other"
    assert class_of("novamab", True) == "other"
    assert class_of("novamab", False) == "non_anticancer"


def test_a_common_companion_is_recognised_without_a_code() -> None:
    assert class_of("Dexamethasone", None) == "non_anticancer"


@pytest.mark.parametrize("name", sorted(FOR_ANOTHER_ILLNESS))
def test_a_product_for_another_illness_is_no_drug_of_the_map(name: str) -> None:
    assert canonical(name) == (name,)
    assert class_of(name, None) == "non_anticancer"
    assert name not in CLASSES


def test_every_class_of_the_map_is_one_that_rules_can_speak_of() -> None:
    assert set(CLASSES.values()) == set(DRUG_CLASSES) - {"non_anticancer", "other"}


def test_every_synonym_and_ingredient_leads_to_a_drug_of_the_map() -> None:
    generic = {*SYNONYMS.values(), *(each for ingredients in COMBINATIONS.values() for each in ingredients)}
    assert generic <= set(CLASSES)
    assert not set(SYNONYMS) & set(CLASSES)


def test_no_drug_of_the_map_is_also_a_companion() -> None:
    assert not NON_ANTICANCER & set(CLASSES)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_canonical_name_stands_for_itself(name: str) -> None:
    assert canonical(name.upper()) == (name,)
