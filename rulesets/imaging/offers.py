"""Exams that several rules offer, and when: an offer never goes against what another rule would say of it."""

from rulesets.facts import imaging, patient, tumour
from rulesets.language import Condition, all_of, any_of
from rulesets.rule import Suggestion

# Spinal symptoms ask for an urgent MRI of the spine with contrast, which its own rules offer. Until that
# is done, a plain exam of bone offered beside it would be the wrong one to accept.
NO_OPEN_SPINAL_QUESTION = any_of(
    patient.neuro_symptoms.is_unknown,
    patient.neuro_symptoms.is_false,
    imaging.spine_mri.is_one_of("done_no_contrast", "done_contrast"),
)

SLOW_GROWING = any_of(tumour.luminal.is_true, tumour.histology.is_("lobular"))
"""The tumours that the paper expects to take up little FDG."""


def mri_of(region: str, *also: Condition) -> Suggestion:
    """MRI of a region such as ``the region with uptake``, where the other conditions hold too."""
    return Suggestion(
        label=f"Order MRI of {region}",
        action="order_mri",
        description=f"Order MRI of {region}; the paper names T1, T2 and diffusion",
        when=all_of(NO_OPEN_SPINAL_QUESTION, *also) if also else NO_OPEN_SPINAL_QUESTION,
    )
