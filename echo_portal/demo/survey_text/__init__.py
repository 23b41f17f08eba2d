"""The demonstration's questionnaires, in our own words: no licensed instrument is copied or paraphrased.

A question that has the same key in two questionnaires is compared between them.
"""

from echo_portal.demo.survey_text.confidence import OBJECTIVES, TASKS
from echo_portal.demo.survey_text.knowledge import KNOWLEDGE
from echo_portal.demo.survey_text.parts import Ask, Option, Page, Pair, Questionnaire
from echo_portal.demo.survey_text.practice import CHANGES, CONSENT, EXAMPLE, PRACTICE

CONSTRUCTS: dict[str, Pair] = {
    "confidence": ("Confidence with the objectives", "Aisance avec les objectifs"),
    "self_efficacy": ("Self-efficacy in tasks", "Sentiment d’efficacité dans les gestes"),
    "knowledge": ("Knowledge", "Connaissances"),
}

PLANS: dict[str, dict[str, object]] = {
    "pre": {
        "opens_from": "first_day",
        "opens_days": -21,
        "closes_from": "first_day",
        "closes_days": 14,
        "reminder_days": [3, 7, 12],
    },
    # Both stay open: who completes late gets the certificate then.
    "post": {"opens_from": "last_session", "reminder_days": [3, 7, 12]},
    "reflection": {"opens_from": "last_session", "reminder_days": [3, 7, 12]},
    "evaluation": {
        "opens_from": "session",
        "closes_from": "session",
        "closes_days": 7,
        "reminder_days": [3],
    },
    "follow_up": {
        "opens_from": "last_day",
        "opens_days": 90,
        "closes_from": "last_day",
        "closes_days": 150,
        "reminder_days": [7, 21],
    },
}
"""When each kind is asked."""

SATISFACTION = Page(
    ("What has changed, and the cycle", "Ce qui a changé, et le cycle"),
    (
        CHANGES,
        EXAMPLE,
        Ask(
            key="satisfaction",
            kind="scale",
            text=(
                "How well did the cycle meet your expectations?",
                "À quel point le cycle a-t-il répondu à vos attentes?",
            ),
            minimum=1,
            maximum=5,
            low=("Not at all", "Pas du tout"),
            high=("Very much", "Tout à fait"),
        ),
        Ask(
            key="recommend",
            kind="single",
            text=(
                "Would you tell a colleague to take part?",
                "Conseilleriez-vous à une ou un collègue de participer?",
            ),
            options=(
                Option("yes", ("Yes", "Oui")),
                Option("perhaps", ("Perhaps", "Peut-être")),
                Option("no", ("No", "Non")),
            ),
        ),
        Ask(
            key="improve",
            kind="text",
            text=(
                "What should we do differently next time?",
                "Que devrions-nous faire autrement la prochaine fois?",
            ),
            is_required=False,
        ),
    ),
)

REFLECTION = Page(
    ("Your reflection", "Votre réflexion"),
    (
        Ask(
            key="reflection",
            kind="text",
            text=(
                "What will you do differently in your practice because of this cycle, and how will you know it helps?",
                "Que ferez-vous autrement dans votre pratique grâce à ce cycle, et comment saurez-vous que cela aide?",
            ),
        ),
    ),
)

EVALUATION = Page(
    ("This session", "Cette séance"),
    (
        Ask(
            key="relevance",
            kind="scale",
            text=(
                "How relevant was this session to your practice?",
                "À quel point cette séance était-elle utile à votre pratique?",
            ),
            minimum=1,
            maximum=5,
            low=("Not relevant", "Pas utile"),
            high=("Very relevant", "Très utile"),
        ),
        Ask(
            key="objectives-met",
            kind="scale",
            text=(
                "How well did the session meet its stated objectives?",
                "À quel point la séance a-t-elle atteint ses objectifs?",
            ),
            minimum=1,
            maximum=5,
            low=("Not at all", "Pas du tout"),
            high=("Fully", "Entièrement"),
        ),
        Ask(
            key="bias",
            kind="single",
            text=(
                "Did you perceive any commercial or other bias?",
                "Avez-vous perçu un parti pris, commercial ou autre?",
            ),
            options=(Option("no", ("No", "Non")), Option("yes", ("Yes", "Oui"))),
        ),
        Ask(
            key="bias-how",
            kind="text",
            text=("What did you notice?", "Qu’avez-vous remarqué?"),
            shown_if="bias",
            shown_if_answers=("yes",),
        ),
        Ask(
            key="will-change",
            kind="text",
            text=(
                "What will you change in your practice after this session?",
                "Que changerez-vous dans votre pratique après cette séance?",
            ),
            is_required=False,
        ),
    ),
)

LASTING = Page(
    ("What has stayed", "Ce qui est resté"),
    (
        CHANGES,
        EXAMPLE,
        Ask(
            key="obstacles",
            kind="text",
            text=("What stands in the way of doing more?", "Qu’est-ce qui vous empêche d’en faire plus?"),
            is_required=False,
        ),
    ),
)

INSTRUMENTS: dict[str, Questionnaire] = {
    "pre": Questionnaire(
        ("Before the cycle", "Avant le cycle"),
        (
            "Five short pages: about eight minutes. Your answers are kept as you go.",
            "Cinq courtes pages: environ huit minutes. Vos réponses sont conservées au fur et à mesure.",
        ),
        (PRACTICE, OBJECTIVES, TASKS, KNOWLEDGE, CONSENT),
    ),
    "post": Questionnaire(
        ("After the cycle", "Après le cycle"),
        (
            "Much of what we asked at the start, so that you and we can see what has changed.",
            "Une bonne part des questions du début, pour que vous et nous puissions voir ce qui a changé.",
        ),
        (OBJECTIVES, TASKS, KNOWLEDGE, SATISFACTION),
    ),
    "reflection": Questionnaire(
        ("Reflection", "Réflexion"),
        (
            "A few sentences are enough. Please do not write anything that could identify a patient.",
            "Quelques phrases suffisent. N’écrivez rien qui permettrait de reconnaître une patiente ou un patient.",
        ),
        (REFLECTION,),
    ),
    "evaluation": Questionnaire(
        ("Session evaluation", "Évaluation de la séance"),
        (
            "One page, one minute.",
            "Une page, une minute.",
        ),
        (EVALUATION,),
    ),
    "follow_up": Questionnaire(
        ("Some months later", "Quelques mois plus tard"),
        (
            "Two short pages: what has stayed of the cycle?",
            "Deux courtes pages: que reste-t-il du cycle?",
        ),
        (TASKS, LASTING),
    ),
}

__all__ = ["CONSTRUCTS", "INSTRUMENTS", "PLANS", "Ask", "Option", "Page", "Questionnaire"]
