import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deidentification.patterns import check_digits

DIGITS = st.text(alphabet="0123456789", min_size=2, max_size=18)


@pytest.mark.parametrize(
    ("passes", "right", "wrong"),
    [
        (check_digits.luhn, "1234567897", "1234567890"),
        (check_digits.luhn, "1000000040", "1000000041"),
        (check_digits.luhn, "046454286", "046454287"),
        (check_digits.luhn, "4111111111111111", "4111111111111112"),
        (check_digits.luhn, "490154203237518", "490154203237519"),
        (check_digits.british_columbia, "9698658215", "9698658216"),
        (check_digits.france, "242108708540372", "242108708540373"),
        (check_digits.vehicle, "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
        (check_digits.british, "9434765919", "9434765918"),
        (check_digits.aadhaar, "681937567577", "681937567570"),
    ],
)
def test_a_check_digit_is_right_or_wrong(passes, right, wrong):
    assert passes(right)
    assert not passes(wrong)


def test_a_quebec_number_holds_a_day_of_birth():
    assert check_digits.quebec("GAGL", "61052218")
    assert check_digits.quebec("MBAF", "83563017")
    assert not check_digits.quebec("GAGL", "61452218")
    assert not check_digits.quebec("GAGL", "61053918")


@given(DIGITS, st.integers(1, 9), st.data())
def test_one_wrong_digit_never_passes_luhn(digits, shift, data):
    body = digits[:-1]
    right = next(body + last for last in "0123456789" if check_digits.luhn(body + last))
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]

    assert not check_digits.luhn(wrong)


@given(st.text(max_size=20))
def test_no_text_breaks_a_check(text):
    checks = (check_digits.luhn, check_digits.british_columbia, check_digits.france, check_digits.vehicle)

    assert all(
        passes(text) in {True, False} for passes in (*checks, check_digits.british, check_digits.aadhaar)
    )
    assert check_digits.quebec(text, text) is False
