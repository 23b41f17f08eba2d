"""What the allow-list holds back, and what it may not."""

import pytest

from cases.deidentification import Kind, screen
from cases.deidentification.allow_list import Allowed, allowed, mistyped


@pytest.mark.parametrize(
    ("words", "index", "after", "wanted"),
    [
        (["oxycodone"], 0, " 5 mg", Allowed.YES),
        (["ms", "contin"], 1, " 60", Allowed.PHRASE),
        (["bath", "ankylosing"], 0, " ankylosing", Allowed.PHRASE),
        (["murphy"], 0, " is here", Allowed.PERHAPS),
        (["murphy", "sign"], 0, " sign", Allowed.YES),
        (["signe", "de", "murphy"], 2, ".", Allowed.YES),
        (["waddell"], 0, " 2/5", Allowed.YES),
        (["rotigotine"], 0, "", Allowed.YES),
        (["blurbumab"], 0, "", Allowed.YES),
        (["april"], 0, " is 45", Allowed.PERHAPS),
        (["okonkwo"], 0, "", Allowed.NO),
        (["uncle", "parkinson"], 1, "'s.", Allowed.YES),
        (["uncle", "parkinson"], 1, " drove", Allowed.PERHAPS),
        (["bowen", "and", "reiki"], 0, " and Reiki", Allowed.YES),
        (["harris"], 0, " 51. Next", Allowed.YES),
    ],
)
def test_allowed(words, index, after, wanted):
    assert allowed(words, index, after) is wanted


@pytest.mark.parametrize(
    ("word", "wanted"), [("gabapentn", True), ("duloxetien", True), ("okonkwo", False), ("pian", False)]
)
def test_mistyped_medicines_are_known(word, wanted):
    assert mistyped(word) is wanted


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Dr. Parkinson will see him.", Kind.NAME),
        ("Patient: April Lasègue", Kind.NAME),
        ("HCN: 4532 111 222 said the CAMH form.", Kind.HEALTH_NUMBER),
    ],
)
def test_label_or_title_is_never_overruled(text, kind):
    assert kind in {one.kind for one in screen(text)}
