"""Radiotherapy: courses, their volumes and doses, and what belongs to one course."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.thresholds import effective
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from tests.intake.made import (
    CODEX,
    MCODE,
    SCT,
    TODAY,
    bundle,
    codes,
    concept,
    condition,
    dose,
    patient,
    plain,
    radiotherapy,
    reading,
    terminology,
)

LUMBAR, BRAIN_METASTASIS_REASON = "122496007", "94222008"


def courses(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.courses]


def one(result: Reading) -> dict[str, Any]:
    (only,) = courses(result)
    return only


def structure(name: str, location: str) -> dict[str, Any]:
    return {
        "resourceType": "BodyStructure",
        "id": name,
        "patient": {"reference": "Patient/p1"},
        "location": concept(SCT, location),
    }


def technique(*found: str) -> dict[str, Any]:
    return {
        "url": f"{MCODE}mcode-radiotherapy-modality-and-technique",
        "extension": [
            {"url": f"{MCODE}mcode-radiotherapy-technique", "valueCodeableConcept": concept(SCT, code)}
            for code in found
        ],
    }


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("Procedure", "preparation", "planned"),
        ("Procedure", "in-progress", "in_progress"),
        ("Procedure", "on-hold", "on_hold"),
        ("Procedure", "completed", "completed"),
        ("Procedure", "stopped", "completed"),
        ("Procedure", "not-done", "cancelled"),
        ("Procedure", "unknown", None),
        ("ServiceRequest", "active", "planned"),
        ("ServiceRequest", "on-hold", "on_hold"),
        ("ServiceRequest", "completed", "completed"),
        ("ServiceRequest", "revoked", "cancelled"),
        ("ServiceRequest", "draft", "draft"),
    ],
)
def test_the_status_tells_the_state_of_a_course(kind: str, status: str, state: str | None) -> None:
    result = reading(radiotherapy(kind, "rt", status))
    assert one(result).get("rt.status") == state
    assert [course.in_request for course in result.record.courses] == [status == "draft"]


@pytest.mark.parametrize(("value", "unit", "gray"), [(3000, "cGy", 30), (30, "Gy", 30), (2997.5, "cGy", 29.975)])
def test_a_dose_is_in_gray(value: float, unit: str, gray: float) -> None:
    told = one(reading(radiotherapy("Procedure", "rt", "completed", dose(value, unit, 10))))
    assert (told["rt.total_dose_gy"], told["rt.fractions"]) == (gray, 10)


def test_a_dose_of_no_known_unit_is_left_out_and_told() -> None:
    result = reading(radiotherapy("Procedure", "rt", "completed", dose(30, "MBq", 10)))
    assert "rt.total_dose_gy" not in one(result)
    assert "unit" in codes(result)


def test_every_volume_is_a_course_of_its_own_and_doses_are_never_added_up() -> None:
    summary = radiotherapy(
        "Procedure", "rt", "completed", dose(30, "Gy", 10, "BodyStructure/a"), dose(20, "Gy", 5, "BodyStructure/b")
    )
    result = reading(summary, structure("a", LUMBAR), structure("b", "12738006"))
    assert [(course["rt.total_dose_gy"], course["rt.target"]) for course in courses(result)] == [
        (30, "bone"),
        (20, "brain"),
    ]
    assert [member.key for member in result.record.courses] == [
        "Procedure/rt#BodyStructure/a",
        "Procedure/rt#BodyStructure/b",
    ]


def test_the_days_of_a_course_are_counted_from_the_evaluation_date() -> None:
    given = radiotherapy("Procedure", "rt", "completed", performedPeriod={"start": "2026-10-05", "end": "2026-10-16"})
    told = one(reading(given))
    assert (told["rt.start_day"], told["rt.end_day"]) == (-27, -16)
    planned = radiotherapy("ServiceRequest", "rt", "active", occurrencePeriod={"start": "2026-11-06"})
    assert one(reading(planned))["rt.start_day"] == 5


def test_a_course_that_ends_after_the_evaluation_date_was_under_way() -> None:
    given = radiotherapy("Procedure", "rt", "completed", performedPeriod={"start": "2026-10-26", "end": "2026-11-06"})
    assert one(reading(given))["rt.status"] == "in_progress"


def test_a_course_after_the_evaluation_date_is_not_known_yet() -> None:
    assert not courses(reading(radiotherapy("Procedure", "rt", "completed", performedPeriod={"start": "2026-11-02"})))


def test_one_date_of_a_course_of_several_fractions_tells_neither_end() -> None:
    given = radiotherapy("Procedure", "rt", "completed", dose(30, "Gy", 10), performedDateTime="2026-10-05")
    assert "rt.start_day" not in one(reading(given))
    single = radiotherapy("Procedure", "rt", "completed", dose(8, "Gy", 1), performedDateTime="2026-10-05")
    assert (one(reading(single))["rt.start_day"], one(reading(single))["rt.end_day"]) == (-27, -27)


def test_sessions_that_follow_one_another_are_one_course() -> None:
    days = ["2026-09-01", "2026-09-02", "2026-09-03", "2026-09-17", "2026-10-02"]
    sessions = [radiotherapy("Procedure", f"s{at}", "completed", performedDateTime=day) for at, day in enumerate(days)]
    result = reading(*sessions)
    assert [(course["rt.start_day"], course["rt.end_day"]) for course in courses(result)] == [(-61, -45), (-30, -30)]
    assert "sessions" in codes(result)


def test_the_target_is_where_the_body_site_says_else_what_the_treatment_is_for() -> None:
    sited = one(reading(radiotherapy("Procedure", "rt", "completed", bodySite=[concept(SCT, LUMBAR)])))
    assert (sited["rt.target"], sited["rt.region"]) == ("bone", "spine")
    for_bone = radiotherapy("Procedure", "rt", "completed", reasonReference=[{"reference": "Condition/m"}])
    assert one(reading(for_bone, condition("m", "94222008")))["rt.target"] == "bone"
    by_code = radiotherapy("Procedure", "rt", "completed") | {"code": concept(SCT, "169345006")}
    assert one(reading(by_code))["rt.target"] == "bone"
    assert "rt.target" not in one(reading(radiotherapy("Procedure", "rt", "completed")))


def test_two_targets_of_one_course_leave_the_target_unknown() -> None:
    sites = [concept(SCT, LUMBAR), concept(SCT, "12738006")]
    result = reading(radiotherapy("Procedure", "rt", "completed", bodySite=sites))
    assert "rt.target" not in one(result)
    assert "ambiguous" in codes(result)


@pytest.mark.parametrize(
    ("found", "said"),
    [(["1156530009"], "VMAT"), (["1156530009", "1162782007"], None), (["1156530009", "395096001"], "SBRT")],
)
def test_a_stereotactic_technique_counts_whatever_delivers_it(found: list[str], said: str | None) -> None:
    assert one(reading(radiotherapy("Procedure", "rt", "completed", technique(*found)))).get("rt.technique") == said


def test_the_intent_is_read() -> None:
    intent = {"url": f"{MCODE}mcode-procedure-intent", "valueCodeableConcept": concept(SCT, "363676003")}
    assert one(reading(radiotherapy("Procedure", "rt", "completed", intent)))["rt.intent"] == "palliative"


def test_what_was_given_replaces_what_was_planned() -> None:
    plan = radiotherapy("ServiceRequest", "plan", "active", dose(30, "Gy", 10, kind="planned"))
    given = radiotherapy(
        "Procedure", "given", "completed", dose(24, "Gy", 8), basedOn=[{"reference": "ServiceRequest/plan"}]
    )
    told = one(reading(plan, given))
    assert (told["rt.status"], told["rt.total_dose_gy"], told["rt.fractions"]) == ("completed", 24, 8)


def test_a_course_under_way_has_the_dose_it_was_planned_with() -> None:
    plan = radiotherapy("ServiceRequest", "plan", "active", dose(30, "Gy", 10, kind="planned"))
    given = radiotherapy(
        "Procedure", "given", "in-progress", dose(12, "Gy", 4), basedOn=[{"reference": "ServiceRequest/plan"}]
    )
    told = one(reading(plan, given))
    assert (told["rt.status"], told["rt.total_dose_gy"], told["rt.fractions"]) == ("in_progress", 30, 10)


def test_a_phase_is_no_course_beside_its_course() -> None:
    phase = radiotherapy("Procedure", "phase", "completed", partOf=[{"reference": "Procedure/rt"}]) | {
        "code": concept(SCT, "1222565005")
    }
    result = reading(radiotherapy("Procedure", "rt", "completed", dose(30, "Gy", 10)), phase)
    assert [member.key for member in result.record.courses] == ["Procedure/rt"]


def test_fractions_are_reckoned_from_the_dose_of_one() -> None:
    planned = {
        "url": f"{CODEX}codexrt-radiotherapy-dose-planned-to-volume",
        "extension": [
            {"url": "totalDose", "valueQuantity": {"value": 2000, "code": "cGy"}},
            {"url": "fractionDose", "valueQuantity": {"value": 400, "code": "cGy"}},
        ],
    }
    assert one(reading(radiotherapy("ServiceRequest", "rt", "active", planned)))["rt.fractions"] == 5


def test_text_is_not_read_as_a_technique() -> None:
    noted = radiotherapy("Procedure", "rt", "completed", note=[{"text": "SBRT 35 Gy in 5"}])
    assert set(one(reading(noted))) == {"rt.status"}


def test_a_draft_course_is_an_order_too() -> None:
    record = reading(radiotherapy("ServiceRequest", "rt", "draft")).record
    assert [plain(order) for order in record.orders] == [{"order.kind": "rt"}]
    assert record.without_request().courses == ()


def test_a_draft_that_changes_a_planned_course_stands_beside_it() -> None:
    plan = radiotherapy("ServiceRequest", "plan", "active")
    draft = radiotherapy("ServiceRequest", "draft", "draft", basedOn=[{"reference": "ServiceRequest/plan"}])
    record = reading(plan, draft).record
    assert [course.key for course in record.courses] == ["ServiceRequest/draft", "ServiceRequest/plan"]
    assert [course.key for course in record.without_request().courses] == ["ServiceRequest/plan"]


def test_an_imaging_order_has_its_modality_and_an_unknown_one_no_kind() -> None:
    mri = radiotherapy("ServiceRequest", "mri", "draft") | {"code": concept(SCT, "113091000")}
    assert [plain(order) for order in reading(mri).record.orders] == [
        {"order.kind": "imaging", "order.modality": "MRI"}
    ]
    unknown = reading(mri | {"code": concept("urn:local", "x")})
    assert [plain(order) for order in unknown.record.orders] == [{}]
    assert "unknown-order" in codes(unknown)


def session(day: int, month: int = 10, status: str = "completed") -> dict[str, Any]:
    name = f"s{month:02d}{day:02d}"
    return radiotherapy("Procedure", name, status, performedDateTime=f"2026-{month:02d}-{day:02d}")


@pytest.mark.parametrize(
    ("last", "told"),
    [(17, {"rt.status": "completed", "rt.end_day": -15}), (18, {})],
)
def test_sessions_up_to_now_do_not_tell_that_the_course_is_over(last: int, told: dict[str, Any]) -> None:
    found = one(reading(*(session(day) for day in range(last - 3, last + 1))))
    assert {name: found[name] for name in ("rt.status", "rt.end_day") if name in found} == told
    assert found["rt.start_day"] == last - 3 - 32


def test_a_session_under_way_is_one_of_its_course() -> None:
    told = one(reading(session(5), session(6), session(7, status="in-progress")))
    assert (told["rt.status"], told["rt.start_day"], told.get("rt.end_day")) == ("in_progress", -27, None)


def test_a_boost_to_a_volume_that_was_named_already_is_a_course_of_its_own() -> None:
    volume = "BodyStructure/v"
    result = reading(
        structure("v", LUMBAR),
        radiotherapy("Procedure", "r", "completed", dose(30, "Gy", 10, volume), dose(6, "Gy", 2, volume)),
    )
    assert len({member.key for member in result.record.courses}) == 2
    assert [told["rt.total_dose_gy"] for told in courses(result)] == [30, 6]


def test_a_dose_whose_code_and_text_are_of_different_units_is_left_out() -> None:
    contradictory = dose(3000, "Gy", 10)
    contradictory["extension"][0]["valueQuantity"]["unit"] = "cGy"
    result = reading(radiotherapy("Procedure", "r", "completed", contradictory))
    assert "rt.total_dose_gy" not in one(result)
    assert "unit" in codes(result)


# --- techniques, settings, notes -------------------------------------------------------------------------

MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"


def to_bone(*extensions: dict[str, Any], **more: object) -> dict[str, Any]:
    return radiotherapy("Procedure", "rt", "completed", *extensions, bodySite=[concept(SCT, LUMBAR)], **more)


@pytest.mark.parametrize(
    ("total", "fractions", "technique"),
    [
        (8, 1, None),
        (16, 2, None),
        (14, 1, None),
        (15, 1, "SBRT"),
        (24, 3, "SBRT"),
        (30, 5, "SBRT"),
        (25, 5, None),
        (20, 5, None),
        (30, 10, None),
    ],
)
def test_radiotherapy_of_bone_without_a_technique_is_stereotactic_by_its_dose(
    total: float, fractions: int, technique: str | None
) -> None:
    result = reading(to_bone(dose(total, "Gy", fractions)))
    assert one(result).get("rt.technique") == technique
    assert ("by-dose" in codes(result)) == (technique is not None)


def test_the_dose_that_makes_radiotherapy_stereotactic_is_a_threshold_of_the_hospital() -> None:
    (resources,) = unpack(bundle(patient(), to_bone(dose(25, "Gy", 5))))
    record = read(resources, terminology(), TODAY, effective({"sbrt_min_fraction_gy": 5})).record
    assert record.courses[0].facts["rt.technique"].value == "SBRT"


@pytest.mark.parametrize(
    ("changed", "technique"),
    [
        ({"extension": [dose(24, "Gy", 3), technique("1162782007")]}, "3DCRT"),
        ({"extension": [dose(24, "Gy", 3), technique("1156526006")]}, None),
        ({"code": concept(SCT, "152198000")}, None),
        ({"bodySite": [concept(SCT, "76752008")]}, None),
        ({"bodySite": []}, None),
    ],
)
def test_a_dose_tells_no_technique_where_a_code_does_or_nothing_says_bone(
    changed: dict[str, Any], technique: str | None
) -> None:
    result = reading({key: value for key, value in (to_bone(dose(24, "Gy", 3)) | changed).items() if value != []})
    assert one(result).get("rt.technique") == technique


def irradiation(**parts: Any) -> dict[str, Any]:
    url = f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung"
    return {"url": url, "extension": [{"url": name, **part} for name, part in parts.items()]}


def of_system(name: str, code: str) -> dict[str, Any]:
    return {"valueCodeableConcept": concept(f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-{name}", code)}


def gray(value: float) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "unit": "Gy"}}


def test_each_german_irradiation_has_its_own_technique() -> None:
    given = radiotherapy(
        "Procedure", "rt", "completed",
        irradiation(Applikationsart=of_system("applikationsart", "P-ST"), Gesamtdosis=gray(24), Einzeldosis=gray(8)),
        irradiation(Applikationsart=of_system("applikationsart", "P"), Gesamtdosis=gray(30), Einzeldosis=gray(3)),
        irradiation(Boost=of_system("boost", "SIB"), Gesamtdosis=gray(40), Einzeldosis=gray(2)),
    )  # fmt: skip
    assert [told.get("rt.technique") for told in courses(reading(given))] == ["SBRT", None, "SIB"]


@pytest.mark.parametrize(("code", "setting"), [("A", "postoperative"), ("O", "definitive"), ("N", None), ("S", None)])
def test_the_position_to_an_operation_is_read(code: str, setting: str | None) -> None:
    position = {
        "url": f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-stellung-zur-op",
        "valueCodeableConcept": concept(f"{MII}/CodeSystem/mii-cs-therapie-stellung", code),
    }
    assert one(reading(radiotherapy("Procedure", "rt", "completed", position))).get("rt.setting") == setting


def test_an_adjuvant_intent_follows_an_operation() -> None:
    intent = {"url": f"{MCODE}mcode-procedure-intent", "valueCodeableConcept": concept(SCT, "373846009")}
    assert one(reading(radiotherapy("Procedure", "rt", "completed", intent)))["rt.setting"] == "postoperative"


@pytest.mark.parametrize(
    ("note", "told"), [("50 Gy in 25 Fraktionen", True), ("3000 cGy / 10", True), ("tolerated well", False)]
)
def test_a_dose_that_stands_in_a_note_only_is_told_and_not_read(note: str, told: bool) -> None:
    result = reading(radiotherapy("Procedure", "rt", "completed", note=[{"text": note}]))
    assert "rt.total_dose_gy" not in one(result)
    assert ("dose-in-text" in codes(result)) == told
    dosed = reading(radiotherapy("Procedure", "rt", "completed", dose(30, "Gy", 10), note=[{"text": note}]))
    assert "dose-in-text" not in codes(dosed)


@pytest.mark.parametrize(
    ("parent", "number"),
    [
        ("CarePlan/gone", 2),
        ("https://ehr.example.org/fhir/CarePlan/gone", 2),
        ("ServiceRequest/gone", 1),
        ("urn:uuid:1", 1),
    ],
)
def test_orders_of_one_care_plan_that_is_not_here_are_courses_of_their_own(parent: str, number: int) -> None:
    phases = [radiotherapy("ServiceRequest", name, "active", basedOn=[{"reference": parent}]) for name in ("a", "b")]
    assert len(courses(reading(*phases))) == number


@pytest.mark.parametrize(("end", "status"), [("2026-10-18", "in_progress"), ("2026-10-17", None)])
def test_a_course_that_should_have_ended_long_ago_is_not_said_to_be_under_way(end: str, status: str | None) -> None:
    result = reading(radiotherapy("Procedure", "r", "in-progress", performedPeriod={"start": "2026-09-01", "end": end}))
    assert one(result).get("rt.status") == status
    assert ("status" in codes(result)) == (status is None)


@pytest.mark.parametrize(
    ("code", "fractions", "doses"),
    [
        ("SIB", (10, 10), [40]),
        ("SIB", (10, 5), [40, 30]),  # not in the same fractions
        (None, (10, 10), [40, 30]),  # nothing says that one is a boost in the other
    ],
)
def test_the_two_volumes_of_a_simultaneous_integrated_boost_are_one_course(
    code: str | None, fractions: tuple[int, int], doses: list[int]
) -> None:
    boost = [] if code is None else [of_course(code)]
    given = radiotherapy(
        "Procedure", "r", "completed", *boost, dose(40, "Gy", fractions[0], "BodyStructure/gtv"),
        dose(30, "Gy", fractions[1], "BodyStructure/vertebra"),
    )  # fmt: skip
    result = reading(given, structure("vertebra", LUMBAR))

    assert sorted((told["rt.total_dose_gy"] for told in courses(result)), reverse=True) == doses
    if doses == [40]:
        assert (one(result)["rt.technique"], one(result)["rt.region"]) == ("SIB", "spine")
        assert "boost" in codes(result)


def of_course(code: str) -> dict[str, Any]:
    """The technique of a whole course, by a code of the German list."""
    return {
        "url": f"{MCODE}mcode-radiotherapy-technique",
        "valueCodeableConcept": concept(f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-boost", code),
    }
