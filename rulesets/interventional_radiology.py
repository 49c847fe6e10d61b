"""Interventional radiology of bone metastases: cement, ablation and embolisation, on little evidence."""

from rulesets.evidence import Statement
from rulesets.facts import lesion, order, patient, surgery, systemic
from rulesets.language import all_of, any_of, none_of, some_lesion
from rulesets.rule import EACH_LESION, EACH_ORDER, ORDER_HOOKS, Rule, Suggestion
from rulesets.surgery import NOT_STABILISED

SECTION = "4 (Interventional Radiology)"

RULES: tuple[Rule, ...] = (
    Rule(
        id="ir.vertebroplasty",
        title="Vertebroplasty of a painful vertebral lesion",
        statements=(
            Statement(
                says="Vertebroplasty fills the vertebral body with cement; it acts at once and eases pain within days.",
                section=SECTION,
                fingerprint="19:391b211e48722d42",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(
            lesion.site.is_("vertebra"),
            lesion.painful.is_true,
            # Ours: cement is not offered where the cord may be compressed.
            lesion.cord_compression.is_("none"),
            any_of(lesion.fracture.is_one_of("impending", "fractured"), lesion.behaviour.is_("lytic")),
            NOT_STABILISED,
        ),
        summary="Painful vertebra at mechanical risk: consider vertebroplasty (stabilises, eases pain within days)",
        detail=(
            "At risk: fractured, about to fracture, or lytic. Shown only where cord compression has been excluded, a "
            "safety condition of ours."
        ),
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="expert opinion [106]",
        suggestions=(
            Suggestion(
                label="Refer to interventional radiology",
                action="refer_to_interventional_radiology",
                description="Refer for an opinion on vertebroplasty",
            ),
        ),
    ),
    Rule(
        id="ir.cementoplasty",
        title="Cementoplasty outside the spine",
        statements=(
            Statement(
                says="Cementoplasty can stabilise lesions outside the spine as well, as in long bones.",
                section=SECTION,
                fingerprint="12:8d2a94064ba9a119",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(
            lesion.site.is_one_of("long_bone", "pelvis"),
            any_of(lesion.painful.is_true, lesion.fracture.is_("impending")),
            lesion.fracture.is_not("fractured"),
            NOT_STABILISED,
            # Ours: a long bone about to break is fixed, if the patient can be operated on.
            none_of(
                all_of(
                    lesion.site.is_("long_bone"),
                    lesion.fracture.is_("impending"),
                    any_of(patient.surgical_condition.is_unknown, patient.surgical_condition.is_("acceptable")),
                )
            ),
        ),
        summary="Painful or weakened pelvis or long bone: consider cementoplasty to stabilise it",
        detail=(
            "No substitute for fixing a long bone that bears weight: one about to fracture is named here only if "
            "surgery is not possible. This guard is ours."
        ),
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="expert opinion [106]",
        suggestions=(
            Suggestion(
                label="Refer to interventional radiology",
                action="refer_to_interventional_radiology",
                description="Refer for an opinion on cementoplasty",
            ),
        ),
    ),
    Rule(
        id="ir.ablation-proximity",
        title="Ablation close to a nerve or a vessel",
        statements=(
            Statement(
                says="Alcohol, heat and cold destroy tumour cells too and call for care close to nerves and vessels.",
                section=SECTION,
                fingerprint="21:a9a69a78e7a528bb",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            order.kind.is_("procedure"),
            order.agent.is_one_of("radiofrequency", "cryoablation", "alcohol_embolization"),
            some_lesion(lesion.near_nerve_or_vessel.is_true),
        ),
        summary="Ablation ordered, lesion near nerve or vessel: consider the risk (heat up to 65 °C, cold to -100 °C)",
        detail=(
            "Consider whether the lesion near the nerve or vessel is the one to be treated: the order need not say, so "
            "any listed lesion counts."
        ),
        indicator="warning",
        indicator_because="Nerve or vessel may be injured.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
    ),
    Rule(
        id="ir.endovascular-bulky",
        title="Embolisation of a bulky painful lesion",
        statements=(
            Statement(
                says=(
                    "Embolisation stops blood flow in a bone lesion, and fewer substances that drive pain circulate."
                ),
                section=SECTION,
                fingerprint="22:5579ee05c1cba648",
            ),
            Statement(
                says="In a large mass it also dampens the body's reaction to cytokines that are set free.",
                section=SECTION,
                fingerprint="13:01f102b836cd18f7",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(lesion.bulky.is_true, lesion.painful.is_true),
        summary="Bulky painful bone lesion: consider (chemo)embolisation against pain and cytokine release",
        detail=(
            "Embolisation blocks vessels with particles or liquids; chemoembolisation adds an antimitotic drug. The "
            "paper gives no size from which a lesion is bulky."
        ),
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="ir.faster-healing",
        title="Interventional radiology heals faster than surgery",
        statements=(
            Statement(
                says="Interventional radiology heals faster than surgery; it still needs prospective studies.",
                section=SECTION,
                fingerprint="18:c1f00ecbbb660ba5",
            ),
        ),
        when=all_of(surgery.planned.is_true, systemic.ongoing.is_true),
        summary="Surgery planned during systemic therapy: consider interventional radiology, which heals faster",
        detail=(
            "An alternative to discuss, on limited evidence; it does not replace stabilising a broken bone that bears "
            "weight."
        ),
        indicator_because="An alternative to consider.",
        hooks=("order-select",),
        evidence="expert opinion; prospective studies are needed",
    ),
)
