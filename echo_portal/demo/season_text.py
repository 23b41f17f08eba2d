"""Who speaks in the demonstration, and what is handed out. Every person is fictitious."""

SPEAKERS = (
    ("Dr. Helena Marchetti", "Anesthesia and Pain Medicine", "Anesthésie et médecine de la douleur"),
    ("Dr. Samuel Adeyemi", "Family and Community Medicine", "Médecine familiale et communautaire"),
    ("Priyanka Rao, PharmD", "Pharmacy Services", "Services de pharmacie"),
    ("Dr. Louise Charbonneau", "Physical Medicine and Rehabilitation", "Médecine physique et réadaptation"),
    ("Thomas Whitecloud, MSW", "Social Work and Indigenous Health", "Travail social et santé autochtone"),
    ("Dr. Noor Haddad", "Psychiatry and Addiction Medicine", "Psychiatrie et médecine des toxicomanies"),
    ("Ingrid Solberg, PT", "Physiotherapy", "Physiothérapie"),
    ("Dr. Marcus Oyelaran", "Clinical Psychology", "Psychologie clinique"),
)
"""Name, department, department in French; the hub's name is put behind."""

DECLARED = (
    "Speaker's fees from two makers of analgesics in the last two years; none for this lecture.",
    (
        "Honoraires de conférence versés par deux fabricants d’analgésiques au cours des deux dernières années; aucun "
        "pour cet exposé."
    ),
)

SUMMARY = (
    "A lecture of about twenty minutes, then a participant's case. Bring your own questions on the topic.",
    (
        "Un exposé d’une vingtaine de minutes, puis le cas d’une participante ou d’un participant. Apportez vos "
        "questions sur le sujet."
    ),
)

SLIDES = ("Slides of the lecture", "Diapositives de l’exposé")
HANDOUT = ("One-page summary for your practice", "Aide-mémoire d’une page pour votre pratique")
