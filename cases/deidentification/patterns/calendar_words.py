"""Months, weekdays, holidays and day words, in English and French, without accents."""

from cases.deidentification.patterns.reading import words

MONTHS = {
    key: number
    for number, keys in enumerate(
        (
            "january jan janvier janv",
            "february feb fevrier fevr fev",
            "march mar mars",
            "april apr avril avr",
            "may mai",
            "june jun juin",
            "july jul juillet juil",
            "august aug aout",
            "september sept sep septembre",
            "october oct octobre",
            "november nov novembre",
            "december dec decembre",
        ),
        1,
    )
    for key in keys.split()
}


def _slips(word: str) -> set[str]:
    """A long name with one letter left out, doubled or swapped, as it is typed in a hurry."""
    left_out = {word[:place] + word[place + 1 :] for place in range(1, len(word))}
    doubled = {word[:place] + word[place] + word[place:] for place in range(len(word))}
    swapped = {
        word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in range(len(word) - 1)
    }
    return left_out | doubled | swapped


# Misspelled names of months; short names misspelled are other words.
for _name, _number in list(MONTHS.items()):
    if len(_name) >= 6:
        for _slip in _slips(_name):
            MONTHS.setdefault(_slip, _number)

SHORT_MONTHS = words("jan janv feb fevr fev mar apr avr jun jul juil aug sept sep oct nov dec")
# Months that are words, verbs or names as well: alone they need a capital or a preposition that only a date has.
AMBIGUOUS_MONTHS = words("may mar march mars dec jan jun april june august sept mai avr sep")

WEEKDAYS = words(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat
    sun lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim"""
)

HOLIDAYS = """christmas, christmas eve, christmas day, xmas, boxing day, new year s, new year s eve, new year s
    day, new years, new years eve, new years day, thanksgiving, thanksgiving day, easter, easter sunday,
    easter monday, good friday, canada day, victoria day, labour day, labor day, family day, civic
    holiday, remembrance day, halloween, valentine s day, valentines day, valentines, st patrick s day,
    mother s day, mothers day, father s day, fathers day, ramadan, eid, eid al fitr, eid al adha,
    diwali, hanukkah, passover, yom kippur, rosh hashanah, lunar new year, chinese new year, orthodox
    christmas, groundhog day, may long weekend, may two four, truth and reconciliation day, orange shirt
    day, civic day, memorial day, noel, veille de noel, reveillon, paques, lundi de paques, vendredi
    saint, jour de l an, saint jean, st jean, saint jean baptiste, fete du canada, fete du travail,
    action de graces, saint valentin, st valentin, fete nationale, fete de la reine, fete des meres,
    fete des peres, jour du souvenir, toussaint, epiphanie, mardi gras, carnaval, nowruz, vaisakhi,
    holi, all saints day, bastille day"""

ORDINALS = words(
    """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"""
)
DAY_NUMBERS = words(
    """premier un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt
    trente"""
)
