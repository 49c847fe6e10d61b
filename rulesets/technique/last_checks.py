"""Whether every site is treated, and on what the target is drawn."""

from rulesets.evidence import Statement
from rulesets.facts import rt
from rulesets.planned_course import planned_for_bone
from rulesets.rule import EACH_COURSE, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="technique.radical-all-sites",
        title="Radical radiotherapy that leaves sites untreated",
        statements=(
            Statement(
                says="In a phase II trial SBRT was given to every site of oligometastatic disease.",
                section="3 (Dose and volumes)",
                references=(52,),
                fingerprint="12:27034543313b73ec",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), rt.all_sites_covered.is_false),
        summary="Radical intent, but some known metastases get no local treatment: consider the aim once more",
        detail="The radical trials the paper reports or lists treated all sites.",
        indicator_because="Aim and plan should agree.",
        hooks=("order-sign",),
        evidence="phase II trial [52]",
    ),
    Rule(
        id="technique.pet-contouring",
        title="Bone target contoured on PET alone",
        statements=(
            Statement(
                says=(
                    "In breast cancer, functional imaging is used less for contouring bone than for finding lesions "
                    "when images are co-registered."
                ),
                section="2.3",
                fingerprint="26:fa8b5c62cddd2166",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.contouring_modality.is_("PET")),
        summary="Bone target contoured on PET alone: consider CT or MRI, as PET serves to find lesions",
        detail="The paper calls its use for contouring less common, not wrong.",
        indicator_because="Good practice.",
        hooks=("order-sign",),
        evidence="expert opinion",
    ),
)
