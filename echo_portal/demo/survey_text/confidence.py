"""How confident people are: with the program's objectives, and in tasks of their practice."""

from echo_portal.demo.survey_text.parts import Ask, Page, Pair, matrix

LOW: Pair = ("Not at all confident", "Pas du tout à l’aise")
HIGH: Pair = ("Very confident", "Très à l’aise")


def _of_objective(number: int, key: str, text: Pair) -> Ask:
    return Ask(
        key=key,
        kind="scale",
        text=text,
        minimum=1,
        maximum=5,
        low=LOW,
        high=HIGH,
        construct="confidence",
        objective=number,
    )


OBJECTIVES = Page(
    ("Your confidence", "Votre aisance"),
    (
        _of_objective(
            1,
            "assessment",
            (
                "How confident are you in turning a full assessment into a pain diagnosis and a plan?",
                (
                    "À quel point êtes-vous à l’aise de tirer d’une évaluation complète un diagnostic de douleur et "
                    "un plan?"
                ),
            ),
        ),
        _of_objective(
            2,
            "techniques",
            (
                "How confident are you in examining a patient to find where the pain comes from and how it changes?",
                (
                    "À quel point êtes-vous à l’aise d’examiner une personne pour trouver d’où vient la douleur et "
                    "comment elle évolue?"
                ),
            ),
        ),
        _of_objective(
            3,
            "attitudes",
            (
                "How confident are you in noticing when your own beliefs about pain steer your care?",
                (
                    "À quel point êtes-vous à l’aise de remarquer que vos propres croyances sur la douleur orientent "
                    "vos soins?"
                ),
            ),
        ),
        _of_objective(
            4,
            "managing",
            (
                "How confident are you in looking after a patient whose pain will not go away?",
                "À quel point êtes-vous à l’aise de suivre une personne dont la douleur ne disparaîtra pas?",
            ),
        ),
        _of_objective(
            5,
            "mentoring",
            (
                "How confident are you in advising a colleague about a patient with chronic pain?",
                (
                    "À quel point êtes-vous à l’aise de conseiller une ou un collègue au sujet d’une personne qui vit "
                    "avec de la douleur chronique?"
                ),
            ),
        ),
    ),
    (
        "One question for each objective of the program. There are no right answers.",
        "Une question pour chaque objectif du programme. Il n’y a pas de bonne réponse.",
    ),
)

TASKS = Page(
    ("Tasks of your practice", "Les gestes de votre pratique"),
    (
        matrix(
            Ask(
                key="tasks",
                kind="matrix",
                text=(
                    "As of today, how confident would you be in doing each of these, or in supporting it in your role?",
                    (
                        "Aujourd’hui, à quel point seriez-vous à l’aise de faire chacune de ces choses, ou de la "
                        "soutenir dans votre rôle?"
                    ),
                ),
                minimum=1,
                maximum=5,
                low=LOW,
                high=HIGH,
                construct="self_efficacy",
            ),
            (
                "opioid-start",
                ("Decide whether an opioid should be started", "Décider s’il faut amorcer un opioïde"),
            ),
            (
                "opioid-rotate",
                (
                    "Change from one opioid to another at a safe dose",
                    "Passer d’un opioïde à un autre à une dose sûre",
                ),
            ),
            (
                "opioid-taper",
                (
                    "Lower an opioid dose together with the patient",
                    "Réduire une dose d’opioïde avec la personne concernée",
                ),
            ),
            (
                "assess-risk",
                (
                    "Estimate the risk of overdose and of opioid use disorder",
                    "Estimer le risque de surdose et de trouble lié à l’usage d’opioïdes",
                ),
            ),
            (
                "buprenorphine",
                (
                    "Explain when buprenorphine is a good choice and how it is started",
                    "Expliquer quand la buprénorphine est un bon choix et comment on l’amorce",
                ),
            ),
            (
                "neuropathic",
                ("Recognize and treat neuropathic pain", "Reconnaître et traiter la douleur neuropathique"),
            ),
            (
                "non-drug",
                (
                    "Put movement, sleep and psychological care into the plan",
                    "Intégrer au plan le mouvement, le sommeil et les soins psychologiques",
                ),
            ),
            (
                "talk-harm",
                (
                    "Talk about the harms of opioids without blame, and offer naloxone",
                    "Parler sans blâme des méfaits des opioïdes et offrir la naloxone",
                ),
            ),
        ),
        Ask(
            key="dread",
            kind="scale",
            text=(
                "I would rather hand over a visit about long-lasting pain to somebody else.",
                "Je préférerais confier à quelqu’un d’autre une visite qui porte sur une douleur persistante.",
            ),
            minimum=1,
            maximum=5,
            low=("Not true of me", "Ne me ressemble pas"),
            high=("Very true of me", "Me ressemble beaucoup"),
            construct="self_efficacy",
            is_reversed=True,
        ),
    ),
)
