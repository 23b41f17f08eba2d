"""About the practice, whatever the profession; what has changed in it; and the consent to research."""

from echo_portal.demo.survey_text.parts import Ask, Option, Page

PRACTICE = Page(
    ("About your practice", "Votre pratique"),
    (
        Ask(
            key="years",
            kind="number",
            text=(
                "For how many years have you been in practice?",
                "Depuis combien d’années exercez-vous?",
            ),
            minimum=0,
            maximum=60,
            unit=("years", "ans"),
        ),
        Ask(
            key="patients",
            kind="number",
            text=(
                "In a usual week, about how many patients with chronic pain do you see?",
                (
                    "Dans une semaine habituelle, environ combien de personnes qui vivent avec de la douleur "
                    "chronique voyez-vous?"
                ),
            ),
            is_required=False,
            minimum=0,
            maximum=200,
            unit=("patients a week", "personnes par semaine"),
        ),
        Ask(
            key="opioid-role",
            kind="single",
            text=(
                "What do you mainly do with opioids in your work?",
                "Que faites-vous surtout avec les opioïdes dans votre travail?",
            ),
            options=(
                Option("prescribe", ("I prescribe them", "J’en prescris")),
                Option("dispense", ("I dispense or adapt them", "J’en délivre ou j’en ajuste")),
                Option(
                    "support",
                    ("I support people who take them", "J’accompagne des personnes qui en prennent"),
                ),
                Option("neither", ("Nothing of this", "Rien de cela")),
            ),
        ),
        Ask(
            key="naloxone-offered",
            kind="single",
            text=(
                "When somebody gets an opioid from you for longer than a few days, how often do you offer naloxone?",
                "Quand quelqu’un reçoit de vous un opioïde pour plus de quelques jours, offrez-vous la naloxone?",
            ),
            options=(
                Option("never", ("Never or hardly ever", "Jamais ou presque")),
                Option("sometimes", ("Sometimes", "Parfois")),
                Option("often", ("Most times", "Le plus souvent")),
                Option("always", ("Each time", "Chaque fois")),
            ),
            shown_if="opioid-role",
            shown_if_answers=("prescribe", "dispense"),
        ),
        Ask(
            key="resources",
            kind="multiple",
            text=(
                "Which of these can your patients reach within a month?",
                "Auxquels de ces services vos patientes et patients ont-ils accès en moins d’un mois?",
            ),
            help=("Choose all that apply.", "Choisissez tout ce qui s’applique."),
            is_required=False,
            options=(
                Option("physiotherapy", ("Physiotherapy", "Physiothérapie")),
                Option("psychology", ("Psychological care for pain", "Soins psychologiques de la douleur")),
                Option(
                    "pharmacist",
                    ("A pharmacist’s review of medicines", "Révision des médicaments en pharmacie"),
                ),
                Option("social", ("Social work", "Travail social")),
                Option("clinic", ("A pain clinic", "Clinique de la douleur")),
                Option("none", ("None of these", "Aucun de ces services"), is_exclusive=True),
            ),
        ),
    ),
)

CONSENT = Page(
    ("Last page", "Dernière page"),
    (
        Ask(
            key="hopes",
            kind="text",
            text=(
                "What would you most like to take away from this cycle?",
                "Que souhaitez-vous surtout retirer de ce cycle?",
            ),
            is_required=False,
        ),
        Ask(
            key="research",
            kind="consent",
            text=(
                "May your answers, under a code and without your name, be used for research on this program?",
                (
                    "Vos réponses, sous un code et sans votre nom, peuvent-elles servir à la recherche sur ce "
                    "programme?"
                ),
            ),
            help=(
                "Either answer is fine: it changes nothing in your place or your credits.",
                "Les deux réponses conviennent: cela ne change rien à votre place ni à vos crédits.",
            ),
            is_research_consent=True,
        ),
    ),
)

CHANGES = Ask(
    key="changes",
    kind="multiple",
    text=(
        "What do you do differently now than before the cycle?",
        "Que faites-vous autrement qu’avant le cycle?",
    ),
    help=("Choose all that apply.", "Choisissez tout ce qui s’applique."),
    options=(
        Option("goals", ("I agree on goals for daily life", "Je conviens d’objectifs de vie quotidienne")),
        Option("risk", ("I ask about risk in a set way", "J’évalue le risque de façon systématique")),
        Option("naloxone", ("I offer naloxone more often", "J’offre plus souvent la naloxone")),
        Option("taper", ("I lower doses more slowly", "Je réduis les doses plus lentement")),
        Option("non-drug", ("I plan non-drug care earlier", "Je prévois plus tôt des soins sans médicament")),
        Option("colleagues", ("I ask colleagues for advice", "Je demande conseil à des collègues")),
        Option("none", ("None of these yet", "Rien de cela pour le moment"), is_exclusive=True),
    ),
)

EXAMPLE = Ask(
    key="change-example",
    kind="text",
    text=(
        "Tell us of one time when it made a difference.",
        "Racontez-nous une fois où cela a fait une différence.",
    ),
    help=(
        "Please write nothing by which a patient could be recognized.",
        "N’écrivez rien qui permettrait de reconnaître une patiente ou un patient.",
    ),
    is_required=False,
    shown_if="changes",
    shown_if_answers=("goals", "risk", "naloxone", "taper", "non-drug", "colleagues"),
)
