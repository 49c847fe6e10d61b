"""What may be known of a patient: every fact, by the name it carries in traces and facts documents.

A fact that is absent is unknown. It is never "no" and never a default. Derived facts are computed
here and never accepted from outside; closed facts speak of the present request only.
"""

from rulesets.language import ChoiceFact, Element, FactType, NamesFact, NumberFact, TextFact, TruthFact

DRUG_CLASSES = (
    "cytotoxic", "endocrine", "cdk46_inhibitor", "mtor_inhibitor", "pi3k_inhibitor", "akt_inhibitor",
    "anti_her2_mab", "anti_her2_adc", "trop2_adc", "anti_her2_tki", "parp_inhibitor",
    "checkpoint_inhibitor", "anti_vegf", "antiresorptive", "radiopharmaceutical", "non_anticancer", "other",
)  # fmt: skip


class patient:
    age_years = NumberFact("Age in completed years", "years", type="whole", whole=True, least=0, most=120)
    ecog = NumberFact("Latest ECOG performance status", "score", type="whole", whole=True, least=0, most=5)
    comorbidities = ChoiceFact(
        "Whether other illnesses limit treatment, in a clinician's judgement; controlled hypertension does not",
        allowed=("none", "not_limiting", "significant"),
    )
    systemic_condition = ChoiceFact(
        "What a clinician has stated about the general condition", allowed=("acceptable", "compromised")
    )
    life_expectancy_weeks = NumberFact("Life expectancy as a clinician estimates it", "weeks", type="interval", least=0)
    hemoglobin_g_dl = NumberFact(
        "Haemoglobin in one unit, from the value and unit reported", "g/dL", world="derived", least=3, most=25
    )
    bone_pain = TruthFact("Bone pain that the skeletal disease explains, or that nothing explains")
    neuro_symptoms = TruthFact(
        "Weakness, sensory level, sphincter or radicular deficit; of spinal origin only, not from the brain"
    )
    bone_symptom_duration_months = NumberFact("How long bone lesions have caused symptoms", "months", least=0)
    sarcoidosis = TruthFact("Sarcoidosis, known or suspected")
    surgical_condition = ChoiceFact(
        "Fitness for surgery, as judged by anaesthetist and orthopaedic surgeon", allowed=("acceptable", "unacceptable")
    )


class obs:
    hemoglobin_value = NumberFact("Haemoglobin as reported", "as reported")
    hemoglobin_unit = ChoiceFact(
        "Unit reported with the haemoglobin; without one the value is not used", allowed=("g/dL", "g/L", "mmol/L")
    )


class tumour:
    is_breast_primary = TruthFact("The primary cancer is one of the breast")
    er = ChoiceFact(
        "Oestrogen receptor that counts: of a metastasis if known, of the primary if not",
        world="derived",
        allowed=("positive", "negative"),
    )
    pr = ChoiceFact(
        "Progesterone receptor that counts: of a metastasis if known, of the primary if not",
        world="derived",
        allowed=("positive", "negative"),
    )
    her2 = ChoiceFact(
        "HER2 that counts: of a metastasis if known, of the primary if not; unknown while equivocal",
        world="derived",
        allowed=("positive", "negative"),
    )
    er_primary = ChoiceFact("Oestrogen receptor of the primary", allowed=("positive", "negative"))
    er_metastasis = ChoiceFact("Oestrogen receptor in a biopsied metastasis", allowed=("positive", "negative"))
    pr_primary = ChoiceFact("Progesterone receptor of the primary", allowed=("positive", "negative"))
    pr_metastasis = ChoiceFact("Progesterone receptor in a biopsied metastasis", allowed=("positive", "negative"))
    her2_primary = ChoiceFact("HER2 of the primary", allowed=("positive", "negative", "equivocal"))
    her2_metastasis = ChoiceFact("HER2 in a biopsied metastasis", allowed=("positive", "negative", "equivocal"))
    her2_equivocal_unresolved = TruthFact(
        "HER2 is equivocal and no in-situ hybridisation has settled it", world="derived"
    )
    luminal = TruthFact("Oestrogen receptor positive, whatever HER2 is", world="derived")
    hr_positive = TruthFact("Oestrogen or progesterone receptor positive", world="derived")
    subtype = ChoiceFact(
        "Immunophenotype from ER, PR and HER2",
        world="derived",
        allowed=(
            "luminal_her2_negative",
            "luminal_her2_positive",
            "her2_enriched",
            "triple_negative",
            "er_negative_pr_positive",
        ),
    )
    histology = ChoiceFact(
        "Histology of the primary", allowed=("ductal_nst", "lobular", "other_carcinoma", "angiosarcoma")
    )
    size_cm = NumberFact("Diameter of the primary where it is largest", "cm", least=0, exclusive=True)
    grade = NumberFact("Grade of the primary", "grade", type="whole", whole=True, least=1, most=3)
    positive_axillary_nodes = NumberFact(
        "Axillary nodes found positive at diagnosis", "nodes", type="interval", whole=True, least=0
    )
    locally_advanced = TruthFact("Stage III: the primary is locally advanced")
    stage = ChoiceFact("Stage when the primary was diagnosed", allowed=("0", "I", "II", "IIIA", "IIIB", "IIIC", "IV"))
    first_event = ChoiceFact(
        "What happened first after treatment of the primary; local to soft tissue only without other metastases",
        allowed=("none", "local", "regional", "soft_tissue", "distant"),
    )
    years_since_diagnosis = NumberFact("Years since the primary was diagnosed", "years", least=0)
    primary_pathology_available = TruthFact("Pathology with receptors is at hand, from the primary or from soft tissue")
    brca_mutated = TruthFact("A pathogenic variant of BRCA1 or BRCA2")
    pdl1 = ChoiceFact("PD-L1 result", allowed=("positive", "negative"))
    endocrine_resistant = TruthFact("A clinician calls the tumour resistant to endocrine therapy")


class mets:
    status = ChoiceFact("Whether there are metastases", allowed=("none", "suspected", "confirmed"))
    onset_assertion = ChoiceFact(
        "Onset as a clinician states it: metastatic from the start, or recurrent", allowed=("de_novo", "recurrent")
    )
    days_from_primary = NumberFact(
        "Days between the diagnosis of the primary and that of metastases", "days", type="whole", whole=True, least=0
    )
    recurrence_interval_months = NumberFact(
        "Months without recurrence, as the CLEAR trial counts them", "months", least=0
    )
    lesion_count = NumberFact(
        "Distant metastatic lesions in all organs; 'multiple' is two or more, 'at least three' three or more",
        "lesions",
        type="interval",
        whole=True,
        least=0,
    )
    bone_lesion_count = NumberFact("Lesions in bone", "lesions", type="interval", whole=True, least=0)
    spinal_lesion_count = NumberFact(
        "Lesions in the spine; radiosurgery may be limited by these instead of by all lesions",
        "lesions",
        type="interval",
        whole=True,
        least=0,
    )
    extent_assertion = ChoiceFact(
        "Extent as the record states it in words; used only to find contradictions", allowed=("bone_only", "visceral")
    )
    progression_pattern = ChoiceFact(
        "How disease progresses on present therapy, as a clinician states it; the paper defines no pattern",
        allowed=("none", "oligoprogressive", "widespread"),
    )
    biopsy = ChoiceFact(
        "Whether histology has confirmed metastatic disease, at whatever site",
        allowed=("confirmed", "non_diagnostic", "not_done"),
    )
    predominant_behaviour = ChoiceFact("How most lesions look on imaging", allowed=("lytic", "sclerotic", "mixed"))
    visceral_crisis = TruthFact("Visceral crisis; taken as false when unstated and every viscus was found free")
    all_bone_lesions_irradiated = TruthFact(
        "No bone lesion is left unirradiated; false unless all are listed, confirmed and irradiated",
        world="derived",
    )
    rapid_progression = TruthFact("The disease progresses fast")


class organ:
    prefix = "mets.organ"
    bone = ChoiceFact("Bone involved; found free only where imaging has looked", allowed=("present", "absent"))
    liver = ChoiceFact("Liver involved; found free only where imaging has looked", allowed=("present", "absent"))
    lung = ChoiceFact(
        "Lung or pleura involved; found free only where imaging has looked", allowed=("present", "absent")
    )
    brain = ChoiceFact(
        "Brain or other central nervous tissue involved; found free only where imaging has looked",
        allowed=("present", "absent"),
    )
    other_visceral = ChoiceFact(
        "Another viscus involved; found free only where imaging has looked", allowed=("present", "absent")
    )
    distant_nodes = ChoiceFact(
        "Distant lymph nodes involved; found free only where imaging has looked", allowed=("present", "absent")
    )
    soft_tissue = ChoiceFact(
        "Skin or soft tissue involved; found free only where imaging has looked", allowed=("present", "absent")
    )


class lesion:
    element: Element = "lesion"
    site = ChoiceFact(
        "Bone the lesion is in",
        allowed=("vertebra", "sacrum", "pelvis", "rib", "sternum", "skull", "long_bone", "other_bone"),
    )
    spinal = TruthFact("The lesion is in a vertebra or the sacrum", world="derived")
    size_cm = NumberFact("Diameter where the lesion is largest", "cm", least=0, exclusive=True)
    behaviour = ChoiceFact("How the lesion looks on imaging", allowed=("lytic", "sclerotic", "mixed"))
    painful = TruthFact("The lesion hurts")
    fracture = ChoiceFact("Whether the bone has broken or threatens to", allowed=("none", "impending", "fractured"))
    cortex = ChoiceFact("State of the cortex at the fracture", allowed=("preserved", "destroyed"))
    fracture_pattern = ChoiceFact(
        "What the cortex suggests of a fracture while metastases are not confirmed",
        world="derived",
        allowed=("osteoporotic_pattern", "metastatic_pattern"),
    )
    cord_compression = ChoiceFact(
        "Compression of the spinal cord at this lesion", allowed=("none", "suspected", "confirmed")
    )
    soft_tissue_extension = TruthFact("The lesion grows out of the bone into soft tissue")
    bulky = TruthFact("The lesion is a bulky mass")
    near_nerve_or_vessel = TruthFact("Nerves or vessels run close by")
    prior_rt = TruthFact("This site has been irradiated before")
    biopsy = ChoiceFact(
        "Whether histology has confirmed this lesion", allowed=("confirmed", "non_diagnostic", "not_done")
    )
    id = TextFact("Name by which a radiotherapy course refers to the lesion")
    surgically_stabilised = TruthFact("The lesion has been operated on or stabilised, irradiated afterwards or not")
    postop_rt = ChoiceFact(
        "Radiotherapy that follows the operation", allowed=("none", "planned", "in_progress", "given")
    )
    status = ChoiceFact("Whether the lesion is certain to be a metastasis", allowed=("suspected", "confirmed"))
    differential_raised = TruthFact(
        "Report considers chondrosarcoma, lymphoma of bone, myeloma, radiation sarcoma or osteomyelitis"
    )
    mri_t1 = ChoiceFact("Signal on T1", allowed=("low", "other"))
    mri_t2 = ChoiceFact("Signal on T2", allowed=("high", "other"))
    mri_dwi = ChoiceFact("Diffusion on MRI", allowed=("restricted", "not_restricted"))
    mri_typical = TruthFact("The MRI signal is the one usual of bone metastases", world="derived")
    change_on_therapy = ChoiceFact(
        "How the lesion has changed under the present systemic therapy",
        allowed=("new_peripheral_sclerosis", "other", "none"),
    )


class imaging:
    bone_scan = ChoiceFact(
        "Bone scintigraphy for skeletal disease in this work-up",
        allowed=("negative", "equivocal", "positive", "not_done"),
    )
    ct = ChoiceFact(
        "CT for skeletal disease in this work-up", allowed=("negative", "equivocal", "positive", "not_done")
    )
    mri = ChoiceFact(
        "MRI for skeletal disease in this work-up, done since symptoms began and where they are",
        allowed=("negative", "equivocal", "positive", "not_done"),
    )
    fdg_pet = ChoiceFact(
        "FDG-PET for skeletal disease in this work-up", allowed=("negative", "equivocal", "positive", "not_done")
    )
    naf_pet = ChoiceFact(
        "Fluoride PET for skeletal disease in this work-up", allowed=("negative", "equivocal", "positive", "not_done")
    )
    spine_mri = ChoiceFact(
        "MRI of the spine in this episode", allowed=("not_done", "done_no_contrast", "done_contrast")
    )
    degenerative_at_uptake = TruthFact("The site of uptake shows degenerative or other benign disease")
    suspected_lesion_size_cm = NumberFact("Size of the lesion in question", "cm", least=0, exclusive=True)
    morphologic_done = TruthFact("The involved skeleton has been seen on CT, X-ray or MRI")
    high_resolution_staging_done = TruthFact("The present extent rests on MRI or PET-CT")
    response_assessment_due = TruthFact("Response is due to be assessed, or its assessment is ordered")
    pretest_probability = NumberFact(
        "Probability of disease before the test, as a clinician gives it; there is no default",
        "probability",
        least=0,
        most=1,
        exclusive=True,
    )
    post_test_bone_scan = NumberFact(
        "Probability of disease after a bone scan, from the one before it",
        "probability",
        world="derived",
        type="interval",
        least=0,
        most=1,
    )
    post_test_mri = NumberFact(
        "Probability of disease after MRI, from the one before it; at most, as its accuracy is quoted at its best",
        "probability",
        world="derived",
        type="interval",
        least=0,
        most=1,
    )
    post_test_fdg_pet = NumberFact(
        "Probability of disease after FDG-PET, from the one before it; a bound where FDG is less reliable",
        "probability",
        world="derived",
        type="interval",
        least=0,
        most=1,
    )
    post_test_naf_pet = NumberFact(
        "Probability of disease after fluoride PET, from the one before it",
        "probability",
        world="derived",
        type="interval",
        least=0,
        most=1,
    )


class context:
    rt_planned = TruthFact("Some radiotherapy course is open: drafted, planned, running or on hold", world="derived")


class order:
    element: Element = "order"
    kind = ChoiceFact(
        "What is being ordered; none when the request holds no order",
        world="closed",
        allowed=("imaging", "rt", "drug", "radiopharmaceutical", "procedure", "none"),
    )
    modality = ChoiceFact(
        "Which imaging is ordered",
        world="closed",
        allowed=("MRI", "WB-MRI", "CT", "bone_scan", "FDG-PET", "NaF-PET", "PET-MRI"),
    )
    purpose = ChoiceFact(
        "What the imaging is for",
        allowed=(
            "staging",
            "follow_up",
            "response",
            "bone_assessment",
            "cord_assessment",
            "soft_tissue_assessment",
            "rt_planning",
        ),
    )
    contrast = TruthFact("Contrast is asked for")
    drug_class = ChoiceFact("Class of the drug ordered", world="closed", allowed=DRUG_CLASSES)
    combination_chemo = TruthFact("The order combines two cytotoxic drugs or more", world="closed")
    agent = TextFact("What is ordered: radiopharmaceutical or kind of procedure", world="closed")


class rt:
    element: Element = "course"
    status = ChoiceFact(
        "Where the course stands; drafts belong to this request, planned is ordered but not begun",
        allowed=("draft", "planned", "in_progress", "on_hold", "completed", "cancelled"),
    )
    start_day = NumberFact(
        "Day of the first fraction; evaluation is on day 0, the past is negative", "days", type="whole", whole=True
    )
    end_day = NumberFact(
        "Day of the last fraction, evaluation on day 0; estimated from start and fractions where it is missing",
        "days",
        type="whole",
        whole=True,
    )
    end_estimated = TruthFact(
        "The last day is an estimate at five fractions a week, which is our own assumption; cards say so",
        world="derived",
    )
    planned = TruthFact(
        "The course is open: drafted, planned, running or on hold; false when there is no course", world="closed"
    )
    relevant = TruthFact("The course is open, or so recently completed that it still matters", world="derived")
    days_since_end = NumberFact(
        "Days since a completed course ended, for the text of cards", "days", world="derived", type="whole", whole=True
    )
    target_lesions = NamesFact("Lesions this course treats, by their id")
    target_link_assumed = TruthFact(
        "The course names no lesion, so that cards speak of the compressed level as a possible target", world="derived"
    )
    target_cord_compression = ChoiceFact(
        "Cord compression at the target; in its lesions, else in any spinal one, and none off the spine",
        world="derived",
        allowed=("none", "suspected", "confirmed"),
    )
    single_fraction_stereotactic = TruthFact("Radiosurgery by name, or SBRT in a single fraction", world="derived")
    dose_implausible = TruthFact(
        "The dose lies outside what is plausible; nothing is said about dose and technique of this course",
        world="derived",
    )
    elective_dose_gy = NumberFact(
        "With a simultaneous boost: dose to the whole vertebra, beside the total to the visible tumour",
        "Gy",
        least=0,
        exclusive=True,
    )
    bed_late = NumberFact(
        "Biologically effective dose for late-reacting tissue, to 0.1; what every test for too much uses",
        "Gy",
        world="derived",
    )
    target = ChoiceFact("Organ irradiated", allowed=("bone", "brain", "other"))
    intent = ChoiceFact("Aim of the course", allowed=("palliative", "radical"))
    setting = ChoiceFact("Radiotherapy by itself or after surgery", allowed=("definitive", "postoperative"))
    total_dose_gy = NumberFact(
        "Total dose, with a boost that to the visible tumour; rounded to 0.1 Gy for comparison",
        "Gy",
        least=0,
        exclusive=True,
    )
    fractions = NumberFact("Fractions of the course", "fractions", type="whole", whole=True, least=1)
    dose_per_fraction_gy = NumberFact("Total dose divided by the fractions", "Gy", world="derived")
    bed10 = NumberFact("Biologically effective dose at the alpha/beta of tumour, to 0.1", "Gy10", world="derived")
    technique = ChoiceFact(
        "Technique as coded; SRS may have several fractions, and SBRT in one is treated alike",
        allowed=("3DCRT", "IMRT", "VMAT", "SBRT", "SRS", "SIB", "tomotherapy"),
    )
    volume = ChoiceFact(
        "What is contoured as the target",
        allowed=(
            "bone_compartment",
            "bone_compartment_plus_soft_tissue",
            "lesion_mm_margin",
            "whole_vertebra_sib",
            "partial_lesion",
        ),
    )
    region = ChoiceFact(
        "Part of the body irradiated", allowed=("spine", "sacrum", "pelvis", "thorax", "extremity", "skull", "other")
    )
    spinal = TruthFact(
        "Target in vertebra or sacrum, by its lesions or region; open for the pelvis beside a sacral lesion",
        world="derived",
    )
    large_field = TruthFact("A large field, such as one over several vertebrae")
    near_spinal_canal = TruthFact(
        "A radiation oncologist finds the target too near the spinal canal for radiosurgery; the paper sets no distance"
    )
    retreatment = TruthFact("The site is irradiated again, as stated or because its lesion was irradiated before")
    mri_coregistration = TruthFact("Planning uses a co-registered MRI")
    immobilisation = TruthFact("The patient is strictly immobilised")
    ct_contrast_coregistration = TruthFact("Planning uses a co-registered diagnostic CT with contrast")
    all_sites_covered = TruthFact("Every known metastasis gets local treatment")
    contouring_modality = ChoiceFact("Imaging the target is contoured on", allowed=("CT", "MRI", "CT_MRI", "PET"))


class meds:
    list_available = TruthFact("There is a list of current drugs that does not call itself incomplete")


class drug:
    element: Element = "drug"
    name = TextFact("Generic name in lower case, one per ingredient of a combination")
    drug_class = ChoiceFact(
        "Class of the drug; one that does not treat cancer never appears on a card",
        world="derived",
        allowed=DRUG_CLASSES,
    )
    status = ChoiceFact(
        "Whether the drug is drafted, planned, taken, held or stopped; taken even if last given long ago",
        allowed=("draft", "planned", "active", "on_hold", "stopped"),
    )
    anticancer = TruthFact(
        "For a drug of no known class, whether its code makes it an anticancer drug; unknown without a code"
    )
    start_day = NumberFact(
        "Day of the first dose, evaluation on day 0; a drafted drug without one starts on day 0",
        "days",
        type="whole",
        whole=True,
    )
    last_dose_day = NumberFact(
        "Day the drug was last given or dispensed, evaluation on day 0; it does not end a drug still taken",
        "days",
        type="whole",
        whole=True,
    )
    stop_day = NumberFact(
        "Day the drug is recorded to stop or be held, evaluation on day 0; in the future when planned",
        "days",
        type="whole",
        whole=True,
    )
    start_assumed = TruthFact(
        "The drafted drug has no start and is taken to begin on day 0; cards say so", world="derived"
    )
    on_board = TruthFact(
        "The drug acts today; taken or drafted, stopped within its washout, or held without a date",
        world="derived",
    )
    days_last_dose_to_rt_start = NumberFact(
        "Days from last dose of a stopped or held drug to the one course; 0 or less once that began",
        "days",
        type="whole",
        whole=True,
    )
    days_rt_end_to_first_dose = NumberFact(
        "Days from the end of the one course to the first dose of a drug yet to begin",
        "days",
        type="whole",
        whole=True,
    )
    exposure = ChoiceFact(
        "How the drug lies in time to a radiotherapy course",
        per_course=True,
        world="derived",
        allowed=("concurrent", "recent", "clear", "after_rt_early", "after_rt"),
    )
    dose_mg_per_day = NumberFact("Daily dose as prescribed (lapatinib)", "mg/day")
    dose_mg_per_kg = NumberFact(
        "Dose by weight each time (T-DM1); a dose in mg counts only with a weight of the last 14 days", "mg/kg"
    )
    interval_days = NumberFact("Days from one dose to the next (T-DM1)", "days", type="whole", whole=True)
    dose_above_standard = TruthFact(
        "Lapatinib or T-DM1 in more than standard dose, or T-DM1 more often than standard", world="derived"
    )


class systemic:
    ongoing = TruthFact("Some systemic anticancer therapy is under way; unstated, a complete drug list tells")
    prior_lines_metastatic = NumberFact(
        "Lines for metastatic disease that have ended or failed; 0 when untreated or on the first",
        "lines",
        type="interval",
        whole=True,
        least=0,
    )


class bone_agent:
    active = TruthFact("A bisphosphonate or denosumab is taken; unstated, a complete drug list tells")


class mdt:
    discussed = TruthFact("A multidisciplinary team has discussed the patient")


class analgesia:
    reviewed = TruthFact("Pain relief has been reviewed")


class surgery:
    planned = TruthFact("An operation on bone is ordered here or still open in the record", world="closed")
    type = ChoiceFact(
        "Operation planned",
        allowed=(
            "wide_resection",
            "hemipelvectomy",
            "prosthesis",
            "curettage_cementing",
            "internal_fixation",
            "external_fixation",
            "decompression",
        ),
    )


class pattern:
    onset = ChoiceFact("De novo or recurrent", world="derived", allowed=("de_novo", "recurrent"))
    burden = ChoiceFact(
        "Few metastases or many", world="derived", allowed=("oligometastatic", "plurimetastatic", "not_applicable")
    )
    extent = ChoiceFact(
        "Bone alone, or what else beside bone",
        world="derived",
        allowed=("bone_only", "bone_plus_visceral", "bone_plus_nonvisceral", "no_bone", "not_applicable"),
    )
    ecog_sre_ambiguous = TruthFact(
        "The performance status is poor, a skeletal event may be why, and nobody has stated the general condition",
        world="derived",
    )
    solitary_bone = TruthFact("One lesion in all, in bone", world="derived")
    sre = TruthFact("There is a skeletal-related event", world="derived")
    skeletal_event = TruthFact(
        "Known impending or actual fracture, suspected or confirmed cord compression, or spinal symptoms",
        world="derived",
    )
    progression = ChoiceFact(
        "How disease progresses, passed on as stated",
        world="derived",
        allowed=("none", "oligoprogressive", "widespread"),
    )


class risk:
    surveillance_tier = ChoiceFact(
        "Whether one of the paper's two criteria with a number makes the risk of bone metastases high",
        world="derived",
        allowed=("high", "not_high", "not_applicable"),
    )
    adverse_factors = NamesFact(
        "Factors reported as adverse for bone metastases that are present; asked until these are confirmed",
        world="derived",
    )
    adverse_factors_unknown = NamesFact(
        "Factors reported as adverse for bone metastases of which nothing is known", world="derived"
    )


class prognosis:
    group = ChoiceFact(
        "Prognostic group", world="derived", allowed=("good", "intermediate", "poor", "indeterminate", "not_applicable")
    )
    possible_groups = NamesFact("Groups that may still result, however the unknown facts turn out", world="derived")
    missing_facts = NamesFact("Unknown facts that decide between groups", world="derived")
    lean = ChoiceFact(
        "Which way an intermediate prognosis leans",
        world="derived",
        allowed=("favourable", "mixed", "unfavourable", "not_applicable"),
    )
    adverse_points = NumberFact(
        "Adverse points, each of the same weight",
        "points",
        world="derived",
        type="interval",
        whole=True,
        least=0,
        most=8,
    )
    conflict_facts = NamesFact("Stated facts that speak against the computed group", world="derived")
    compromised = TruthFact(
        "The general condition is compromised, by assertion or by the performance status", world="derived"
    )
    condition_open = TruthFact(
        "The performance status is poor but does not settle the general condition: both readings are tried",
        world="derived",
    )


class point:
    prefix = "prognosis.point"
    plurimetastatic = TruthFact("Adverse point: more lesions than oligometastatic disease has", world="derived")
    visceral = TruthFact("Adverse point: a visceral organ is involved", world="derived")
    er_negative = TruthFact("Adverse point: oestrogen receptor negative", world="derived")
    triple_negative = TruthFact(
        "Adverse point, on top of that of the oestrogen receptor: triple negative", world="derived"
    )
    age = TruthFact("Adverse point: age above the cut; counted only when that is switched on", world="derived")
    ecog = TruthFact("Adverse point: performance status worse than the good group allows", world="derived")
    comorbidities = TruthFact("Adverse point: significant comorbidities", world="derived")
    lines = TruthFact("Adverse point: pretreated for metastatic disease", world="derived")


class criterion:
    prefix = "prognosis.criterion"
    oligometastatic = TruthFact("Good group: few enough lesions", world="derived")
    single_lesion = TruthFact("Good group: one lesion only; asked only when that is switched on", world="derived")
    bone_only = TruthFact("Good group: no organ but bone is involved", world="derived")
    luminal = TruthFact("Good group: oestrogen receptor positive", world="derived")
    ecog = TruthFact("Good group: performance status good enough", world="derived")
    comorbidities = TruthFact("Good group: no significant comorbidities", world="derived")
    lines = TruthFact("Good group: not pretreated for metastatic disease", world="derived")


class feature:
    prefix = "prognosis.feature"
    er_negative = TruthFact("Unfavourable inside the intermediate group: oestrogen receptor negative", world="derived")
    age = TruthFact("Unfavourable inside the intermediate group: age above the cut", world="derived")
    ecog = TruthFact(
        "Unfavourable inside the intermediate group: performance status worse than the good group allows",
        world="derived",
    )


class override:
    prefix = "prognosis.override"
    visceral_crisis = TruthFact("A visceral crisis is stated", world="derived")
    short_life_expectancy = TruthFact("The stated life expectancy is too short for the group", world="derived")
    rapid_progression = TruthFact("Rapid progression is stated", world="derived")
    widespread_progression = TruthFact("Widespread progression is stated", world="derived")


class tally:
    prefix = "prognosis.tally"
    adverse_points = NumberFact(
        "Adverse points that are true in one completion",
        "points",
        world="derived",
        type="whole",
        whole=True,
        least=0,
        most=8,
    )
    criteria_unmet = NumberFact(
        "Criteria of the good group that fail in one completion",
        "criteria",
        world="derived",
        type="whole",
        whole=True,
        least=0,
        most=7,
    )
    unfavourable_features = NumberFact(
        "Unfavourable features that are true in one completion",
        "features",
        world="derived",
        type="whole",
        whole=True,
        least=0,
        most=3,
    )
    compromised = TruthFact("The general condition counts as compromised in one completion", world="derived")


class dq:
    prognosis_conflict = TruthFact(
        "A crisis, progression or a short life expectancy speaks against the computed group", world="derived"
    )
    status_conflict = TruthFact(
        "Recorded as free of metastases, yet an organ is involved or lesions are counted", world="derived"
    )
    conflicting_facts = NamesFact(
        "Facts on which current sources disagree, and which count as unknown", world="derived"
    )
    any_conflict = TruthFact("Current sources disagree on some fact", world="derived")
    onset_conflict = TruthFact("Stated onset, dates and stage contradict each other", world="derived")
    receptor_discordance = TruthFact("A receptor differs between primary and metastasis", world="derived")
    condition_conflict = TruthFact(
        "The stated general condition does not go with the performance status", world="derived"
    )
    dose_implausible = TruthFact("Some course has an implausible dose", world="derived")
    count_inconsistent = TruthFact("Lesion counts and organs do not add up", world="derived")
    extent_conflict = TruthFact("The stated extent does not go with the organs", world="derived")
    hb_unusable = TruthFact("A haemoglobin was reported without a usable unit, or is implausible", world="derived")
    onset_grey_zone = TruthFact("Nobody states the onset, and the dates fall where they cannot tell", world="derived")
    stale_facts = NamesFact("Deciding facts that are too old", world="derived")
    any_stale = TruthFact("Some deciding fact is too old", world="derived")


class imbrication:
    priorities = NamesFact("Goals of treatment that hold now, in no order", world="derived")
    priorities_unknown = NamesFact("Goals of treatment that missing facts leave open", world="derived")


_TOPICS = (
    patient, obs, tumour, mets, organ, lesion, imaging, context, order, rt, meds, drug, systemic,
    bone_agent, mdt, analgesia, surgery, pattern, risk, prognosis, point, criterion, feature,
    override, tally, dq, imbrication,
)  # fmt: skip

FACTS: dict[str, FactType] = {
    fact.name: fact for topic in _TOPICS for fact in vars(topic).values() if isinstance(fact, FactType)
}
"""Every fact by its name, such as ``tumour.er`` or ``rt.total_dose_gy``."""
