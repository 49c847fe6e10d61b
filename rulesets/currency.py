"""What has been published since the paper appeared in 2020 and contradicts or overtakes it.

Remarks for the reader of a card, kept beside the rules they concern. None of them comes from the
paper and none changes what fires. Only abstracts and news were read where a full text was not open.
"""

from rulesets.evidence import Since

RIGHT_CHOICE = Since(
    says=(
        "In aggressive HR+/HER2- disease before or around the menopause, ribociclib with endocrine therapy kept the "
        "disease in check longer than combination chemotherapy (median 21.8 against 12.8 months) at similar response."
    ),
    source="RIGHT Choice, J Clin Oncol 2024;42:2812",
    url="https://doi.org/10.1200/JCO.24.00144",
)
NRG_BR002 = Since(
    says=(
        "In a randomised trial in oligometastatic breast cancer, ablating all metastases lengthened neither "
        "progression-free survival (median 19.5 months with it, 23 without) nor overall survival."
    ),
    source="NRG-BR002, NCT02364557",
    url="https://clinicaltrials.gov/study/NCT02364557",
)
CURB = Since(
    says="A randomised trial of SBRT in oligoprogression found a benefit in lung cancer and none in breast cancer.",
    source="CURB, NCT03808662, Lancet 2023",
    url="https://clinicaltrials.gov/study/NCT03808662",
)
ATEZOLIZUMAB_WITHDRAWN = Since(
    says="The US indication of atezolizumab with nab-paclitaxel in PD-L1 positive disease was withdrawn in 2021.",
    source="notice of 27 August 2021",
    url="https://www.thepharmaletter.com/biotech-news/roche-pulls-accelerated-approval-for-tecentriq-s-us-indication-in-pd-l1-positive-metastatic-triple-negative-breast-cancer",
)
TARGETED_CONSENSUS = Since(
    says=(
        "A European consensus on radiotherapy with targeted drugs expects little toxicity with anti-HER2 antibodies "
        "and advises caution in most situations with CDK4/6, PARP and mTOR inhibitors."
    ),
    source="ESMO-ESTRO consensus 2025",
    url="https://www.nki.nl/research/publications/article?articleId=8420a470-7d60-4fc8-b0b8-053bf83124bf",
)
CHECKPOINT_CONSENSUS = Since(
    says=("A European consensus expects checkpoint inhibitors to add little toxicity to radiotherapy, least PD-(L)1."),
    source="ESMO-ESTRO consensus 2025/26",
    url="https://inrepo02.dkfz.de/record/304998/export/hm?ln=en",
)
CDK46_SERIES = Since(
    says=(
        "Later series of palliative radiotherapy with a CDK4/6 inhibitor (18, 40 and 188 patients) were mostly "
        "reassuring, with single cases of grade 3 ileitis."
    ),
    source="PMC7423932; Cancers 2025, 17, 424",
    url="https://www.mdpi.com/2072-6694/17/3/424",
)
ASTRO_2024 = Since(
    says=(
        "A guideline of 2024 gives 8 Gy in 1, 20 in 5, 24 in 6 or 30 in 10 for symptomatic bone metastases, and for "
        "cord compression 8 in 1, 16 in 2, 20 in 5 or 30 in 10 with dexamethasone, and surgery where possible."
    ),
    source="ASTRO guideline 2024",
    url="https://www.guidelinecentral.com/guideline/3802027/",
)
NON_SPINE_CONSENSUS = Since(
    says="A consensus on SBRT of bone metastases outside the spine has appeared.",
    source="SEOR SBRT-SG consensus 2021",
    url="https://doi.org/10.1007/s12094-021-02695-6",
)
