"""What the demonstration's people answer on their applications, in our own words."""

import random

from echo_portal.demo.people import Person
from participants.enums import Category, Profession
from sessions_app.models import Cycle

WHY = {
    "en": (
        "About a third of the people on my list live with pain, and I would like to do better by them.",
        "I inherited several patients on high doses and want to taper safely.",
        "A colleague joined last year and now we all ask her.",
        "The nearest pain clinic is four hours away.",
        "I would like to hear how others handle the cases I find hardest.",
    ),
    "fr": (
        "Près du tiers de mes patients vivent avec de la douleur, et j’aimerais mieux les aider.",
        "La clinique de la douleur la plus proche est à quatre heures de route.",
        "J’aimerais savoir comment d’autres abordent les situations que je trouve les plus difficiles.",
    ),
}
LEARN = {
    "en": (
        "Tapering without losing trust.",
        "When to think of neuropathic pain, and what to try first.",
        "What works besides medication.",
        "How to talk about opioid use disorder.",
    ),
    "fr": (
        "Réduire les doses sans perdre la confiance.",
        "Ce qui aide, à part les médicaments.",
        "Comment parler du trouble lié à l’usage d’opioïdes.",
    ),
}
PRESCRIBERS = {Profession.NURSE_PRACTITIONER, Profession.PHYSICIAN_ASSISTANT}


def application_answers(cycle: Cycle, person: Person, *, seed: str) -> dict[int, str]:
    """Question id → answer; the same for the same seed. Not everybody answers what need not be answered."""
    rng = random.Random(f"{seed}:{person.email}:application")  # noqa: S311  # play, not secrecy
    prescribes = person.category != Category.OTHER or person.profession in PRESCRIBERS
    words = {
        "why": rng.choice(WHY[person.language]),
        "learn": rng.choice(LEARN[person.language]) if rng.random() < 0.7 else "",
        "prescribes": "yes" if prescribes else "no",
    }
    return {question.pk: words.get(question.key, "") for question in cycle.questions.all()}
