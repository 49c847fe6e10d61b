"""The documents made from the source are put in their place and nowhere else."""

from __future__ import annotations

from service.docs import BEGIN, END, with_settings
from service.settings import settings_table


def test_the_settings_stand_between_their_marks_and_the_rest_is_left_alone() -> None:
    made = with_settings(f"before\n{BEGIN}\nstale\n{END}\nafter\n")

    assert made == f"before\n{BEGIN}\n{settings_table()}{END}\nafter\n"
    assert with_settings(made) == made
