"""The regimens of Tables 1a and 1b: dose, volume, what was reported, and how a course is known to be one of them.

Doses are in Gy. The biological dose is computed here and never copied: the tables print one only where they
give no fractions. Milano and Yoo give no fractions, so that no course can be matched with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rulesets.biological_dose import bed
from rulesets.facts import rt
from rulesets.language import AllOf, Condition, all_of, any_of


@dataclass(frozen=True, kw_only=True)
class Regimen:
    """What the paper reports of one dose for bone.

    ``least`` and ``most`` bound the total, and are equal for a single dose; without ``fractions`` both are
    unknown and ``printed`` says how the dose is given instead. ``whole_vertebra`` is the dose around a boost.
    ``matches`` tells a course of this regimen, its aim apart; None where fractions are not printed.
    """

    place: str
    series: str
    references: tuple[int, ...]
    least: Fraction | None = None
    most: Fraction | None = None
    fractions: int | None = None
    whole_vertebra: Fraction | None = None
    printed: str = ""
    site: str = ""
    volume: str
    reported: str
    matches: Condition | None = None

    @property
    def dose(self) -> str:
        """``30 to 45 Gy in 3 fractions``."""
        if self.least is None or self.most is None or self.fractions is None:
            return self.printed
        total = f"{float(self.least):g}" + (f" to {float(self.most):g}" if self.most != self.least else "")
        around = f" ({float(self.whole_vertebra):g} Gy to the whole vertebra)" if self.whole_vertebra else ""
        return f"{total} Gy{around} in {self.fractions} fraction{'' if self.fractions == 1 else 's'}"

    def beds(self, alpha_beta: Fraction) -> tuple[Fraction, Fraction] | None:
        """The least and the most biologically effective dose in Gy; None without fractions."""
        if self.least is None or self.most is None or self.fractions is None:
            return None
        return bed(self.least, self.fractions, alpha_beta), bed(self.most, self.fractions, alpha_beta)

    def bed_around(self, alpha_beta: Fraction) -> Fraction | None:
        """The biologically effective dose in Gy around a boost; None where there is none."""
        if self.whole_vertebra is None or self.fractions is None:
            return None
        return bed(self.whole_vertebra, self.fractions, alpha_beta)


def given(total: int, fractions: int) -> AllOf:
    """So many Gy in so many fractions."""
    return all_of(rt.total_dose_gy.is_(total), rt.fractions.is_(fractions))


COMPARTMENT = "bone compartment, with any invasion of soft tissue"
LESION = "bone lesion and a margin of millimetres"

EIGHT_IN_ONE = Regimen(
    place="Table 1a",
    series="Chow 2002, 2007, 2012",
    references=(20, 46, 21),
    least=Fraction(8),
    most=Fraction(8),
    fractions=1,
    volume=COMPARTMENT,
    reported="control of pain and of neurological deficits; the better choice where hardly any retreatment is expected",
    matches=given(8, 1),
)
TWENTY_IN_FIVE = Regimen(
    place="Table 1a",
    series="Chow 2002, 2007, 2012",
    references=(20, 46, 21),
    least=Fraction(20),
    most=Fraction(20),
    fractions=5,
    volume=COMPARTMENT,
    reported="control of pain and of neurological deficits",
    matches=given(20, 5),
)
THIRTY_IN_TEN = Regimen(
    place="Table 1a",
    series="Rades 2004",
    references=(47,),
    least=Fraction(30),
    most=Fraction(30),
    fractions=10,
    volume=COMPARTMENT,
    reported="control of pain and of neurological deficits; the regimen after surgical stabilisation",
    matches=given(30, 10),
)
TABLE_1A: tuple[Regimen, ...] = (EIGHT_IN_ONE, TWENTY_IN_FIVE, THIRTY_IN_TEN)

TROVO = "progression-free 75% after 1 and 53% after 2 years; after 2 years local control 97%, survival 95%"

THREE_FRACTIONS = Regimen(
    place="Table 1b",
    series="Trovò 2017, SBRT",
    references=(52,),
    least=Fraction(30),
    most=Fraction(45),
    fractions=3,
    site="outside the spine",
    volume=LESION,
    reported=TROVO,
    # Nothing is stated of the spine at these doses: the one spinal lesion told of had less, and relapsed.
    matches=all_of(
        rt.fractions.is_(3), rt.total_dose_gy.at_least(30), rt.total_dose_gy.at_most(45), rt.spinal.is_false
    ),
)
CONVENTIONAL = Regimen(
    # Of the same trial, and printed in the text only.
    place="section 3",
    series="Trovò 2017, IMRT",
    references=(52,),
    least=Fraction(60),
    most=Fraction(60),
    fractions=25,
    volume=LESION,
    reported=TROVO,
    matches=all_of(
        rt.fractions.is_(25), rt.total_dose_gy.is_(60), rt.technique.is_one_of("IMRT", "VMAT", "tomotherapy")
    ),
)
MOST_IN_ONE_FRACTION = Fraction("22.5")
"""The largest single dose of the paper, in Gy."""

SINGLE_FRACTION = Regimen(
    place="Table 1b",
    series="Gerszten 2005",
    references=(44,),
    least=Fraction(15),
    most=MOST_IN_ONE_FRACTION,
    fractions=1,
    site="spine",
    volume=LESION,
    reported="pain controlled in 96%, local control 100% at 15 months (50 patients with breast cancer)",
    matches=all_of(rt.fractions.is_(1), rt.total_dose_gy.at_least(15), rt.total_dose_gy.at_most(22.5)),
)
FIVE_FRACTIONS_SPINE = Regimen(
    place="Table 1b",
    series="Kam 2019",
    references=(53,),
    least=Fraction(35),
    most=Fraction(35),
    fractions=5,
    site="spine",
    volume=LESION,
    reported=(
        "local control 91.2% after 1 year, median time without progression 10.1 and survival 37.3 months "
        "(22 patients, 32% with breast cancer)"
    ),
    matches=all_of(rt.fractions.is_(5), rt.total_dose_gy.is_(35), rt.spinal.is_true),
)
FIVE_FRACTIONS_ELSEWHERE = Regimen(
    place="Table 1b",
    series="Kam 2019",
    references=(53,),
    least=Fraction(50),
    most=Fraction(50),
    fractions=5,
    site="outside the spine",
    volume=LESION,
    reported=FIVE_FRACTIONS_SPINE.reported,
    matches=all_of(rt.fractions.is_(5), rt.total_dose_gy.is_(50), rt.spinal.is_false),
)
BOOST = Regimen(
    place="Table 1b",
    series="Farooqi 2018",
    references=(54,),
    least=Fraction(40),
    most=Fraction(40),
    fractions=10,
    whole_vertebra=Fraction(30),
    site="spine",
    volume="visible tumour and a margin of millimetres, within the whole vertebra",
    reported="local control 93% after 1 year, survival 58% (12 patients, none with breast carcinoma)",
    matches=all_of(
        rt.fractions.is_(10),
        rt.total_dose_gy.is_(40),
        rt.volume.is_("whole_vertebra_sib"),
        rt.elective_dose_gy.is_(30),
    ),
)
TABLE_1B: tuple[Regimen, ...] = (
    Regimen(
        place="Table 1b",
        series="Milano 2019",
        references=(17,),
        printed="a median EQD2 of 57.3 Gy (38.3 to 70)",
        volume=LESION,
        reported="with bone metastases only, survival of 83% after 5 and 75% after 10 years",
    ),
    Regimen(
        place="Table 1b",
        series="Yoo 2015",
        references=(51,),
        printed="a BED above 50 Gy",
        volume=LESION,
        reported=(
            "without distant progression 36.8% after 3 years; after 5 years local control 66.1%, survival 49%; "
            "better with a higher dose and with the whole lesion irradiated"
        ),
    ),
    THREE_FRACTIONS,
    CONVENTIONAL,
    SINGLE_FRACTION,
    FIVE_FRACTIONS_SPINE,
    FIVE_FRACTIONS_ELSEWHERE,
    BOOST,
)
OF_TABLE_1A: Condition = any_of(*(regimen.matches for regimen in TABLE_1A if regimen.matches))
OF_TABLE_1B: Condition = any_of(*(regimen.matches for regimen in TABLE_1B if regimen.matches))

OF_TABLE_1A_WITHOUT_BOOST: Condition = any_of(
    given(8, 1), given(20, 5), all_of(*given(30, 10).parts, rt.technique.is_not("SIB"))
)
"""What makes a radical aim doubtful: 30 Gy in 10 fractions of a boosted course may be the dose around the boost."""
