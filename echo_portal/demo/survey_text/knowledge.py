"""What people know: six questions, each with one right answer."""

from echo_portal.demo.survey_text.parts import Ask, Option, Page, Pair

NOT_SURE = Option("not-sure", ("I am not sure", "Je ne sais pas"))


def _question(key: str, text: Pair, right: str, *options: tuple[str, Pair]) -> Ask:
    return Ask(
        key=key,
        kind="single",
        text=text,
        options=(
            *(Option(option, words, is_correct=option == right) for option, words in options),
            NOT_SURE,
        ),
        construct="knowledge",
    )


KNOWLEDGE = Page(
    ("What you know", "Vos connaissances"),
    (
        _question(
            "dose-marks",
            (
                (
                    "An adult takes an opioid for chronic non-cancer pain. At which two daily doses, in milligrams of "
                    "morphine equivalent by mouth, does Canadian guidance suggest to stop and think?"
                ),
                (
                    "Une personne adulte prend un opioïde pour une douleur chronique non cancéreuse. À quelles deux "
                    "doses quotidiennes, en milligrammes d’équivalent morphine par voie orale, les lignes directrices "
                    "canadiennes invitent-elles à faire le point?"
                ),
            ),
            "50-90",
            ("20-40", ("20 and 40", "20 et 40")),
            ("50-90", ("50 and 90", "50 et 90")),
            ("120-200", ("120 and 200", "120 et 200")),
            ("200-400", ("200 and 400", "200 et 400")),
        ),
        _question(
            "codeine",
            (
                (
                    "Somebody takes 240 mg of codeine a day. With the usual factor of 0.15, how much morphine by "
                    "mouth is that a day?"
                ),
                (
                    "Une personne prend 240 mg de codéine par jour. Avec le facteur habituel de 0,15, à combien de "
                    "morphine par voie orale par jour cela correspond-il?"
                ),
            ),
            "mg36",
            ("mg12", ("12 mg", "12 mg")),
            ("mg36", ("36 mg", "36 mg")),
            ("mg120", ("120 mg", "120 mg")),
            ("mg360", ("360 mg", "360 mg")),
        ),
        _question(
            "naloxone",
            (
                "Who should be offered a take-home naloxone kit?",
                "À qui faut-il offrir une trousse de naloxone à emporter?",
            ),
            "all",
            (
                "high-dose",
                ("Only people above a high dose", "Seulement aux personnes qui dépassent une dose élevée"),
            ),
            (
                "disorder",
                (
                    "Only people with an opioid use disorder",
                    "Seulement aux personnes qui ont un trouble lié à l’usage d’opioïdes",
                ),
            ),
            (
                "all",
                (
                    "Everybody who takes an opioid for chronic pain, whatever the dose",
                    "À toute personne qui prend un opioïde pour une douleur chronique, quelle que soit la dose",
                ),
            ),
            ("asks", ("Only people who ask for it", "Seulement aux personnes qui en demandent une")),
        ),
        _question(
            "taper-pace",
            (
                (
                    "Somebody has taken an opioid at a high dose for six years and agrees to lower it. Which pace is a "
                    "sensible one to begin with?"
                ),
                (
                    "Une personne prend depuis six ans un opioïde à dose élevée et accepte de la réduire. Quel rythme "
                    "convient pour commencer?"
                ),
            ),
            "slow",
            ("stop", ("Stop now and treat the withdrawal", "Cesser maintenant et traiter le sevrage")),
            (
                "half",
                (
                    "Half the dose now, nothing in two weeks",
                    "La moitié tout de suite, rien dans deux semaines",
                ),
            ),
            ("quarter", ("A quarter less each week", "Un quart de moins chaque semaine")),
            (
                "slow",
                (
                    "5 to 10% less every two to four weeks, with pauses where needed",
                    "De 5 à 10 % de moins toutes les deux à quatre semaines, avec des pauses au besoin",
                ),
            ),
        ),
        _question(
            "nsaid",
            (
                (
                    "A 74-year-old with a worn knee takes ramipril and a thiazide. What speaks most against naproxen "
                    "by mouth every day?"
                ),
                (
                    "Une personne de 74 ans, au genou arthrosique, prend du ramipril et un thiazidique. Qu’est-ce qui "
                    "s’oppose le plus à du naproxène par voie orale chaque jour?"
                ),
            ),
            "kidney",
            ("dependence", ("Physical dependence", "La dépendance physique")),
            ("kidney", ("Acute injury to the kidneys", "L’insuffisance rénale aiguë")),
            ("breathing", ("Slowed breathing", "Le ralentissement de la respiration")),
            ("serotonin", ("Serotonin syndrome", "Le syndrome sérotoninergique")),
        ),
        _question(
            "first-line",
            (
                "Which of these is a first choice for painful diabetic neuropathy?",
                "Laquelle de ces options est un premier choix pour une neuropathie diabétique douloureuse?",
            ),
            "duloxetine",
            ("ibuprofen", ("Ibuprofen", "L’ibuprofène")),
            ("acetaminophen", ("Acetaminophen", "L’acétaminophène")),
            ("duloxetine", ("Duloxetine", "La duloxétine")),
            ("hydromorphone", ("Hydromorphone", "L’hydromorphone")),
        ),
    ),
    (
        "Please answer without looking things up. Nobody’s answers are shown with a name.",
        "Répondez sans consulter d’ouvrage. Les réponses ne sont jamais montrées avec un nom.",
    ),
)
