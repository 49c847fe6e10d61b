"""Every numbered requirement of CDS Hooks 2.0 that binds a service, in our words, with the tests that prove it.

The numbers are those of the requirements of the Inferno test kit for CDS Hooks; its sentences stand in the
specification. What no test can prove has a reason instead.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator

import pytest

from tests.support.shared import shared_path

PROVEN: dict[str, tuple[str, ...]] = {
    # number(s): (what is asked, test, more tests)
    "1": ("JSON both ways", "web/test_hooks::test_only_json_is_taken", "web/test_conformance::test_nothing_is_null_or_empty_but_the_cards_of_somebody_else"),
    "3": ("no null and nothing empty", "web/test_conformance::test_nothing_is_null_or_empty_but_the_cards_of_somebody_else", "cards/test_models::test_a_malformed_answer_never_leaves", "cards/test_models::test_a_malformed_discovery_never_leaves"),
    "4 5 6 13": ("discovery at its address, an array of services, 200", "web/test_hooks::test_discovery_lists_one_service_for_each_hook"),
    "7 8 9 10 12": ("a service has hook, title, description, id, requirements", "web/test_hooks::test_discovery_is_valid_under_the_ballot_and_the_published_version", "cards/test_models::test_a_malformed_discovery_never_leaves"),
    "11 29 36": ("prefetch templates by key", "web/test_hooks::test_discovery_tells_what_becomes_of_each_key"),
    "14": ("other statuses of discovery", "web/test_authentication::test_discovery_asks_for_a_token_of_its_own_address"),
    "16": ("a service at its id", "web/test_hooks::test_a_call_is_assessed_for_its_hook_and_answered_with_cards", "web/test_hooks::test_an_unknown_service_is_not_found"),
    "28 34": ("data from prefetch or from the server of the client", "web/test_hook_reads::test_the_advice_is_the_same_whoever_fetches"),
    "35 55 56 57 58 59": ("tokens and queries any client can run", "web/test_hooks::test_prefetch_templates_stay_within_what_any_client_can_run"),
    "52": ("an OperationOutcome in a prefetch is noticed", "prefetch/test_states::test_what_failed_at_the_client_is_not_read_as_data", "prefetch/test_states::test_what_was_sent_of_a_key_is_one_of_five_states"),
    "54": ("412 when what is required cannot be had", "web/test_hook_reads::test_a_missing_patient_is_refused_with_key_template_and_reason"),
    "60": ("the server is read only if allowed", "web/test_hook_reads::test_only_what_is_missing_is_read", "web/test_hook_reads::test_a_server_that_is_not_on_the_list_is_never_asked"),
    "61": ("the token of the client with each read", "prefetch/test_reads::test_a_server_is_told_what_is_wanted_and_by_whose_leave"),
    "74": ("200 with an array of cards", "web/test_hooks::test_a_real_answer_is_valid_and_its_decision_is_kept"),
    "75": ("system actions, of which there are none", "web/test_conformance::test_no_system_action_is_ever_taken"),
    "76": ("other statuses of a call", "web/test_hooks::test_a_request_of_another_shape_is_refused_with_its_place"),
    "77": ("nothing to say is no card", "web/test_conformance::test_where_there_is_nothing_to_say_the_cards_are_an_empty_array"),
    "80 81": ("a card has a uuid of its own", "web/test_conformance::test_every_call_makes_new_identities_of_cards_and_suggestions"),
    "82": ("and feedback finds it by that", "web/test_feedback::test_feedback_stands_beside_the_decision_that_made_the_card"),
    "83": ("a summary below 140 characters", "web/test_conformance::test_a_card_says_in_one_line_and_in_markdown_what_it_is_about", "cards/test_models::test_the_summary_may_have_139_characters"),
    "84 85 87 88": ("detail in Markdown, indicator of three", "web/test_conformance::test_a_card_says_in_one_line_and_in_markdown_what_it_is_about"),
    "90 105 107 108 109 115 116 220": ("a source with label, address and topic", "web/test_conformance::test_a_source_is_named_with_an_absolute_address_that_is_the_same_for_everybody", "web/test_conformance::test_the_topic_of_a_kind_of_advice_is_the_same_in_every_answer"),
    "110": ("a view of this card is a link", "web/test_conformance::test_a_link_leads_to_the_page_of_the_trace_and_needs_no_context"),
    "111 112 113": ("an icon, of which there is none", "web/test_conformance::test_a_source_is_named_with_an_absolute_address_that_is_the_same_for_everybody"),
    "92 93 94 95 96": ("suggestions and how to choose", "web/test_conformance::test_suggestions_come_with_the_way_to_choose_among_them"),
    "98 99 100 136 219": ("override reasons in words", "web/test_conformance::test_reasons_to_override_are_codes_with_words"),
    "103 104 138 139 141 142 144 145 146 147": ("absolute links without context", "web/test_conformance::test_a_link_leads_to_the_page_of_the_trace_and_needs_no_context", "cards/test_models::test_a_malformed_answer_never_leaves"),
    "117 118 119 120 121 123 124": ("suggestions with label, uuid, actions", "web/test_conformance::test_a_suggestion_has_a_label_and_whole_actions", "web/test_conformance::test_every_call_makes_new_identities_of_cards_and_suggestions"),
    "122": ("recommended: one, where one may be chosen", "cards/test_models::test_a_malformed_answer_never_leaves", "suggestions/test_offers::test_nothing_is_marked_as_recommended"),
    "125": ("actions of a suggestion belong together", "clients/test_cards::test_a_suggestion_whose_actions_belong_together_stays_whole", "clients/test_cards::test_actions_that_belong_together_are_told_in_words_and_never_offered_in_part"),
    "127 128 130": ("actions with type, description, resource", "web/test_conformance::test_a_suggestion_has_a_label_and_whole_actions"),
    "131 132": ("new resources and whole ones", "web/test_conformance::test_what_is_to_be_created_is_new_and_an_update_is_the_whole_resource", "suggestions/test_changes::test_a_prescription_is_given_back_whole_and_on_hold"),
    "133 134 135": ("a deletion names what it deletes", "suggestions/test_changes::test_a_draft_is_taken_out_of_the_request", "cards/test_models::test_a_malformed_answer_never_leaves"),
    "148": ("feedback is taken", "web/test_feedback::test_the_same_feedback_again_is_kept_once", "web/test_feedback::test_an_unknown_card_is_named_and_the_rest_is_kept"),
    "176 177": ("signed tokens prove the client", "web/test_authentication::test_a_registered_client_is_answered_and_named_in_the_trace", "web/test_authentication::test_beyond_this_machine_nobody_listens_without_authentication_unless_told_to", "web/test_feedback::test_feedback_needs_a_token_for_the_address_of_feedback"),
    "195": ("issuers and key addresses on a list", "clients/test_tokens::test_a_token_may_name_the_registered_address_only", "clients/test_tokens::test_a_token_that_proves_nothing_is_refused_for_its_own_reason"),
    "199": ("keys agreed on beforehand", "web/test_authentication::test_a_registered_client_is_answered_and_named_in_the_trace"),
    "200 205": ("the recommended algorithms", "clients/test_tokens::test_either_recommended_algorithm_proves_it"),
    "201": ("never unsigned", "clients/test_tokens::test_a_token_that_proves_nothing_is_refused_for_its_own_reason"),
    "203": ("never a shared secret", "clients/test_tokens::test_no_algorithm_that_may_be_agreed_on_is_symmetric"),
    "208": ("web pages of other origins", "web/test_hooks::test_origins_are_allowed_that_the_operator_lists", "web/test_feedback::test_web_pages_of_listed_origins_may_give_feedback"),
    "210 211 213": ("an id for each hook, told in discovery", "web/test_hooks::test_discovery_lists_one_service_for_each_hook"),
    "214 215": ("extensions are objects, under names of our own", "web/test_conformance::test_extensions_are_objects_with_names_of_our_own"),
    "216 217 218": ("codes have code and system", "web/test_conformance::test_reasons_to_override_are_codes_with_words", "web/test_conformance::test_a_source_is_named_with_an_absolute_address_that_is_the_same_for_everybody"),
}  # fmt: skip

UNPROVEN: dict[str, str] = {
    "2 168": "TLS ends at the proxy in front of the service, which by itself listens on this machine alone",
    "27": "no test measures time; the benchmark does",
    "78 212": "what a client does with earlier cards is its own; each answer stands by itself",
    "89 106 129": "how a client shows a card is its own",
    "140": "what an address may hold is a permission",
    "175 179": "a permission; TLS with certificates of both sides is the proxy's",
    "206": "binds clients",
    "207": "withdrawn by the specification",
}


def numbers_of(table: dict[str, object]) -> list[str]:
    return [number for numbers in table for number in numbers.split()]


def cited() -> Iterator[str]:
    for _, *tests in PROVEN.values():
        yield from tests


def test_every_requirement_on_a_service_is_proven_or_has_a_reason() -> None:
    path = shared_path("cds-hooks/inferno_cds-hooks_2.0_service_requirements.json")
    if path is None:
        pytest.skip("the reference material is not beside this checkout")
    asked = [one["ID"] for one in json.loads(path.read_text()) if "Service" in one["Actors"]]

    answered = [*numbers_of({**PROVEN}), *numbers_of({**UNPROVEN})]

    assert len(set(answered)) == len(answered)
    assert sorted(answered, key=int) == sorted(asked, key=int)


@pytest.mark.parametrize("test", sorted(set(cited())))
def test_a_test_that_is_cited_is_there(test: str) -> None:
    module, _, name = test.partition("::")

    found = getattr(importlib.import_module(f"tests.{module.replace('/', '.')}"), name)

    assert callable(found) and re.match("test_", name)
    assert not any(mark.name in ("skip", "skipif", "xfail") for mark in getattr(found, "pytestmark", ()))
