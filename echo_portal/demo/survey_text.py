"""The demonstration's questionnaires, in our own words: what participants are asked before and after a cycle.

A question of the pre-survey and one of the post-survey that have the same key are compared with each other.
"""

CONFIDENCE = {
    "kind": "scale",
    "low_label": "Not at all confident",
    "low_label_fr": "Pas du tout confiante ou confiant",
    "high_label": "Very confident",
    "high_label_fr": "Très confiante ou confiant",
}

PAIRED = (
    (
        "assessment",
        "How confident are you in turning a full assessment into a pain diagnosis and a plan?",
        "À quel point êtes-vous à l’aise de tirer d’une évaluation complète un diagnostic de douleur et un plan?",
    ),
    (
        "techniques",
        "How confident are you in examining a patient to find where the pain comes from and how it changes?",
        (
            "À quel point êtes-vous à l’aise d’examiner une personne pour trouver d’où vient la douleur et comment "
            "elle évolue?"
        ),
    ),
    (
        "attitudes",
        "How confident are you in noticing when your own beliefs about pain steer your care?",
        "À quel point êtes-vous à l’aise de remarquer que vos propres croyances sur la douleur orientent vos soins?",
    ),
    (
        "managing",
        "How confident are you in looking after a patient whose pain will not go away?",
        "À quel point êtes-vous à l’aise de suivre une personne dont la douleur ne disparaîtra pas?",
    ),
    (
        "mentoring",
        "How confident are you in advising a colleague about a patient with chronic pain?",
        (
            "À quel point êtes-vous à l’aise de conseiller une ou un collègue au sujet d’une personne souffrant de "
            "douleur chronique?"
        ),
    ),
    (
        "opioid-start",
        "How confident are you in deciding whether an opioid should be started?",
        "À quel point êtes-vous à l’aise de décider s’il faut amorcer un opioïde?",
    ),
    (
        "opioid-taper",
        "How confident are you in lowering an opioid dose together with the patient?",
        "À quel point êtes-vous à l’aise de réduire une dose d’opioïde avec la personne concernée?",
    ),
    (
        "function-goals",
        "How confident are you in agreeing on goals for daily life rather than on a pain score?",
        "À quel point êtes-vous à l’aise de convenir d’objectifs de vie quotidienne plutôt que d’un score de douleur?",
    ),
    (
        "naloxone",
        "How confident are you in talking about overdose and offering naloxone?",
        "À quel point êtes-vous à l’aise de parler de surdose et de proposer la naloxone?",
    ),
)

INSTRUMENTS = {
    "pre": {
        "title": "Before the cycle",
        "title_fr": "Avant le cycle",
        "introduction": "Nine questions and one more if you like: about five minutes. There are no right answers.",
        "introduction_fr": (
            "Neuf questions et une dernière facultative : environ cinq minutes. Il n’y a pas de bonne réponse."
        ),
    },
    "post": {
        "title": "After the cycle",
        "title_fr": "Après le cycle",
        "introduction": "The same nine questions as at the start, so that you and we can see what has changed.",
        "introduction_fr": (
            "Les neuf mêmes questions qu’au début, pour que vous et nous puissions voir ce qui a changé."
        ),
    },
    "reflection": {
        "title": "Reflection",
        "title_fr": "Réflexion",
        "introduction": "A few sentences are enough. Please do not write anything that could identify a patient.",
        "introduction_fr": (
            "Quelques phrases suffisent. N’écrivez rien qui permettrait de reconnaître une patiente ou un patient."
        ),
    },
}

TEXT_QUESTIONS = {
    "pre": {
        "key": "hopes",
        "kind": "text",
        "text": "What would you most like to take away from this cycle?",
        "text_fr": "Que souhaitez-vous surtout retirer de ce cycle?",
        "is_required": False,
    },
    "post": {
        "key": "improve",
        "kind": "text",
        "text": "What should we do differently next time?",
        "text_fr": "Que devrions-nous faire autrement la prochaine fois?",
        "is_required": False,
    },
    "reflection": {
        "key": "reflection",
        "kind": "text",
        "text": "What will you do differently in your practice because of this cycle, and how will you know it helps?",
        "text_fr": (
            "Que ferez-vous autrement dans votre pratique grâce à ce cycle, et comment saurez-vous que cela aide?"
        ),
        "is_required": True,
    },
}

HOPES: dict[str, tuple[str, ...]] = {
    "en": (
        "Words for the conversation about tapering.",
        "A way to examine a sore back that fits into ten minutes.",
        "Colleagues to call when a case does not move.",
    ),
    "fr": (
        "Des mots pour parler de la réduction des doses.",
        "Une façon d’examiner un dos douloureux en dix minutes.",
        "Des collègues à qui téléphoner quand un cas n’avance pas.",
    ),
}

IMPROVEMENTS: dict[str, tuple[str, ...]] = {
    "en": (
        "More time for the cases.",
        "Send the slides the day before.",
        "Nothing: please go on.",
    ),
    "fr": (
        "Plus de temps pour les cas.",
        "Envoyer les diapositives la veille.",
        "Rien : continuez ainsi.",
    ),
}

REFLECTIONS: dict[str, tuple[str, ...]] = {
    "en": (
        "I now ask first what the pain keeps somebody from doing. I will look at those goals again after three months.",
        "I will offer naloxone with every opioid prescription and count, at the end of the season, how often I did.",
        "I taper more slowly and let the patient set the pace. Fewer stopped visits will tell me that it works.",
        "I screen for sleep before I change a medicine. A two-week sleep diary will show whether it helps.",
        "I bring our physiotherapist into the first visit and not the fourth. We review ten charts together in spring.",
        "I have learned to say that pain is real when the scan is clean. My patients' questions will be my measure.",
    ),
    "fr": (
        "Je demande d’abord ce que la douleur empêche de faire. Je reverrai ces objectifs après trois mois.",
        "J’offrirai la naloxone avec chaque ordonnance d’opioïde et je compterai à la fin de la saison.",
        "Je réduis plus lentement et je laisse la personne choisir le rythme. Moins d’abandons me le confirmera.",
        "J’évalue le sommeil avant de changer un médicament. Un journal de deux semaines dira si cela aide.",
    ),
}
