"""Check digits: a number that passes is rarely a number by chance."""

_VERHOEFF_TURNS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_VIN_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def luhn(digits: str) -> bool:
    """Whether digits pass the formula of ISO/IEC 7812-1 annex B.

    Ontario's health number, the social insurance number, payment cards and IMEIs use it (product rule 33).
    """
    if not digits.isdecimal():
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def british_columbia(digits: str) -> bool:
    """Whether ten digits are a British Columbia personal health number: they begin with 9, weights modulo 11.

    Source: the province's conformance standards for PHN validation (weights 2, 4, 8, 5, 10, 9, 7, 3).
    """
    if len(digits) != 10 or not digits.isdecimal() or digits[0] != "9":
        return False
    weights = (2, 4, 8, 5, 10, 9, 7, 3)
    total = sum(int(digit) * weight % 11 for digit, weight in zip(digits[1:9], weights, strict=True))
    return 11 - total % 11 == int(digits[9])


def quebec(letters: str, digits: str) -> bool:
    """Whether four letters and eight digits can be a Québec health insurance number.

    The digits are the year, month (raised by 50 for women) and day of birth, then two to tell twins apart
    (RAMQ).
    """
    if len(letters) != 4 or not letters.isalpha() or len(digits) != 8 or not digits.isdecimal():
        return False
    month, day = int(digits[2:4]) % 50, int(digits[4:6])
    return int(digits[2:4]) < 63 and 1 <= month <= 12 and 1 <= day <= 31


def france(digits: str) -> bool:
    """Whether 15 characters are a French social security number (NIR): its key is 97 less the rest modulo 97."""
    plain = digits.upper().replace("2A", "19").replace("2B", "18")
    return len(plain) == 15 and plain.isdecimal() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def vehicle(number: str) -> bool:
    """Whether 17 characters are a North American vehicle identification number (49 CFR 565.15: ninth is the check)."""
    plain = number.upper()
    if len(plain) != 17 or not all(letter in "0123456789" or letter in _VIN_LETTERS for letter in plain):
        return False
    values = (int(_VIN_LETTERS.get(letter, letter)) for letter in plain)
    rest = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return plain[8] == ("X" if rest == 10 else str(rest))


def british(digits: str) -> bool:
    """Whether ten digits are an NHS number of England (weights 10 to 2, modulo 11; NHS Data Dictionary)."""
    if len(digits) != 10 or not digits.isdecimal():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


def aadhaar(digits: str) -> bool:
    """Whether twelve digits are an Indian Aadhaar number: no leading 0 or 1, Verhoeff's check (UIDAI)."""
    if len(digits) != 12 or not digits.isdecimal() or digits[0] in "01":
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _VERHOEFF_TURNS[place % 8][int(digit)])
    return check == 0


def _dihedral(first: int, second: int) -> int:
    """The product of two elements of the dihedral group of order ten, numbered as Verhoeff does."""
    turn = (first + second) % 5 if first < 5 else (first - second) % 5
    return turn + 5 if (first < 5) != (second < 5) else turn
