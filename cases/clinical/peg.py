"""The PEG scale of pain intensity and interference (product rule 26).

Source: Krebs EE et al. Development and initial validation of the PEG, a three-item scale assessing pain intensity and
interference. J Gen Intern Med 2009;24(6):733-8.
"""

from decimal import ROUND_HALF_UP, Decimal

WORST = 10
TENTH = Decimal("0.1")


def peg_mean(pain: int | None, enjoyment: int | None, activity: int | None) -> Decimal | None:
    """The mean of three items of 0 to 10, rounded half up to one decimal; None when one is not answered.

    Raises ValueError for an item outside 0 to 10.
    """
    total = 0
    for item in (pain, enjoyment, activity):
        if item is None:
            return None
        if not 0 <= item <= WORST:
            raise ValueError("An item of the PEG is 0 to 10.")
        total += item
    return (Decimal(total) / 3).quantize(TENTH, rounding=ROUND_HALF_UP)
