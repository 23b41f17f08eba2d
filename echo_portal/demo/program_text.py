"""The demonstration program in English and French. Every word is a coordinator's to change once it is loaded."""

SLUG = "chronic-pain"
CONTACT = "chronic-pain@example.org"

PROGRAM = {
    "name": "ECHO Ontario Chronic Pain & Opioid Stewardship",
    "name_fr": "ECHO Ontario – Douleur chronique et bon usage des opioïdes",
    "began_year": 2014,
    "summary": (
        "A weekly hour and a half for clinicians who look after people living with chronic pain: a short lecture, "
        "one real case without names, and a team of specialists who think it through with you. "
        "It began in 2014 as the first ECHO in Ontario."
    ),
    "summary_fr": (
        "Une heure et demie par semaine pour les cliniciens qui soignent des personnes vivant avec la douleur "
        "chronique : un court exposé, un cas réel sans nom et une équipe de spécialistes qui y réfléchit avec vous. "
        "Lancé en 2014, c’est le premier programme ECHO de l’Ontario."
    ),
    "mission": (
        "To join primary-care providers in a supportive community of practice, so that they gain the skill and the "
        "confidence to manage their patients safely and well."
    ),
    "mission_fr": (
        "Réunir les professionnels des soins primaires dans une communauté de pratique bienveillante, pour qu’ils "
        "acquièrent les compétences et la confiance voulues afin de soigner leurs patients de façon sûre et efficace."
    ),
    "format_text": (
        "Every Thursday from 12:30 to 14:00, Toronto time, by video.\n\n"
        "Each session opens with a short lecture. Then one participant presents a de-identified patient case, and "
        "receives recommendations from the specialist team and from community partners."
    ),
    "format_text_fr": (
        "Tous les jeudis de 12 h 30 à 14 h, heure de Toronto, par vidéoconférence.\n\n"
        "Chaque téléclinique s’ouvre sur un court exposé. Une participante ou un participant présente ensuite un cas "
        "dépersonnalisé et reçoit les recommandations de l’équipe de spécialistes et des partenaires communautaires."
    ),
    "importance": (
        "1 in 5 Canadians lives with chronic pain, and more do with age.\n"
        "1 in 7 Ontarians was dispensed an opioid in 2014/15.\n"
        "Ontario counted 3,241 opioid-related emergency visits in 2014 and 734 opioid-related deaths in 2015."
    ),
    "importance_fr": (
        "Au Canada, 1 personne sur 5 vit avec la douleur chronique, et la proportion augmente avec l’âge.\n"
        "En 2014-2015, un opioïde a été délivré à 1 personne sur 7 en Ontario.\n"
        "L’Ontario a compté 3 241 visites à l’urgence liées aux opioïdes en 2014 et 734 décès liés aux opioïdes "
        "en 2015."
    ),
    "credit_text": (
        "2 credits an hour, so 3 credits for a session of 1.5 hours. Only registered participants earn credit.\n"
        "Family physicians: Mainpro+ group learning certified by the College of Family Physicians of Canada (CFPC), "
        "and certified by Queen's for up to 160 Mainpro+ credits.\n"
        "Specialists: Accredited Self-Assessment Program (Section 3) under the Maintenance of Certification (MOC) "
        "Program of the Royal College of Physicians and Surgeons of Canada, approved by Queen's Office of Continuing "
        "Professional Development. Up to 80 hours can be claimed; the college's own system turns hours into credits.\n"
        "Nurses, nurse practitioners, pharmacists, physiotherapists, psychologists, social workers and other health "
        "professionals: up to 80 hours of continuing education.\n"
        "No credit is given without the pre-survey at the start of the cycle, and the post-survey and the reflection "
        "question at its end.\n"
        "At the end of the cycle a certificate of continuing professional development is emailed to each participant."
    ),
    "credit_text_fr": (
        "2 crédits par heure, soit 3 crédits pour une téléclinique de 1,5 heure. Seules les personnes inscrites "
        "obtiennent des crédits.\n"
        "Médecins de famille : apprentissage en groupe Mainpro+ certifié par le Collège des médecins de famille du "
        "Canada (CMFC), et certifié par l’Université Queen's jusqu’à concurrence de 160 crédits Mainpro+.\n"
        "Médecins spécialistes : programme d’autoévaluation agréé (section 3) au sens du programme de Maintien du "
        "certificat (MDC) du Collège royal des médecins et chirurgiens du Canada, approuvé par le Bureau du "
        "développement professionnel continu de l’Université Queen's. Au plus 80 heures peuvent être déclarées; le "
        "système du Collège royal convertit les heures en crédits.\n"
        "Personnel infirmier, infirmières praticiennes et infirmiers praticiens, pharmaciens, physiothérapeutes, "
        "psychologues, travailleurs sociaux et autres professionnels de la santé : jusqu’à 80 heures de formation "
        "continue.\n"
        "Aucun crédit n’est accordé sans le sondage préalable au début du cycle, puis le sondage final et "
        "la question de réflexion à la fin.\n"
        "À la fin du cycle, chaque personne participante reçoit par courriel un certificat de développement "
        "professionnel continu (DPC)."
    ),
    "funding": (
        "Fully funded by Ontario's Ministry of Health and Long-Term Care, and free for participants."
    ),
    "funding_fr": (
        "Entièrement financé par le ministère de la Santé et des Soins de longue durée de l’Ontario; gratuit pour "
        "les participantes et les participants."
    ),
    "reference": (
        "Boulanger A, Clark AJ, Squire P, et al. Chronic pain in Canada: have we improved our management of chronic "
        "noncancer pain? Pain Res Manag. 2007;12(1):39–47"
    ),
    "contact_email": CONTACT,
    "place": "Web conference",
    "place_fr": "Conférence Web",
}

HUBS = (
    {
        "name": "University Health Network",
        "name_fr": "Réseau universitaire de santé",
        "city": "Toronto",
    },
    {
        "name": "Queen's University, Office of Continuing Professional Development",
        "name_fr": "Université Queen's, Bureau du développement professionnel continu",
        "city": "Kingston",
    },
)

OBJECTIVES = (
    (
        (
            "Interpret a comprehensive assessment to reach an accurate, timely pain diagnosis, and plan treatment and "
            "follow-up."
        ),
        (
            "Interpréter une évaluation complète pour poser à temps un diagnostic de douleur juste, puis planifier le "
            "traitement et le suivi."
        ),
    ),
    (
        "Use assessment techniques to find the origin of pain, follow its course and support its treatment.",
        (
            "Utiliser des techniques d’évaluation pour trouver l’origine de la douleur, en suivre l’évolution et "
            "appuyer son traitement."
        ),
    ),
    (
        "Examine one's own attitudes and beliefs about how patients present, so that care is safe and effective.",
        (
            "Examiner ses propres attitudes et croyances devant la façon dont les patients se présentent, afin que les "
            "soins soient sûrs et efficaces."
        ),
    ),
    (
        "Grow comfort and self-efficacy in managing chronic pain.",
        "Gagner en aisance et en sentiment d’efficacité dans la prise en charge de la douleur chronique.",
    ),
    (
        "Learn to mentor and be mentored by colleagues, to the patient's benefit.",
        "Apprendre à être le mentor de ses collègues et à profiter de leur mentorat, au bénéfice du patient.",
    ),
)

TITLE = {
    "accredited_title": PROGRAM["name"],
    "accredited_title_fr": PROGRAM["name_fr"],
    "physician_name": "Rosalind Achterberg-Hay, MD",
    "physician_title": "Accountable physician of the program",
    "physician_title_fr": "Médecin responsable du programme",
}

# One grant for each category. The numbers are the published ones: 2 credits an hour up to 160, and 80 hours.
ACCREDITATIONS = (
    (
        TITLE
        | {
            "accreditor": "College of Family Physicians of Canada",
            "accreditor_fr": "Collège des médecins de famille du Canada",
            "activity_id": "204718",
        },
        {
            "category": "family_physician",
            "unit": "credits",
            "per_hour": "2",
            "cap": "160",
            "credit_name": "Mainpro+",
            "credit_name_fr": "Mainpro+",
            "document_title": "Certificate of Attendance",
            "document_title_fr": "Certificat de participation",
            "statement": (
                "The College of Family Physicians of Canada has certified this program as Mainpro+ group learning, and "
                "Queen's University, Office of Continuing Professional Development, has certified it for up to 160 "
                "Mainpro+ credits."
            ),
            "statement_fr": (
                "Le Collège des médecins de famille du Canada a certifié ce programme comme apprentissage en groupe "
                "Mainpro+, et le Bureau du développement professionnel continu de l’Université Queen's l’a certifié "
                "jusqu’à concurrence de 160 crédits Mainpro+."
            ),
        },
    ),
    (
        TITLE
        | {
            "accreditor": "Royal College of Physicians and Surgeons of Canada",
            "accreditor_fr": "Collège royal des médecins et chirurgiens du Canada",
            "activity_id": "S3-20471",
        },
        {
            "category": "specialist",
            "unit": "hours",
            "per_hour": "1",
            "cap": "80",
            "credit_name": "Section 3 (MOC)",
            "credit_name_fr": "section 3, MDC",
            "document_title": "Certificate of Attendance",
            "document_title_fr": "Certificat de participation",
            "statement": (
                "This is an Accredited Self-Assessment Program (Section 3) under the Maintenance of Certification "
                "(MOC) Program of the Royal College of Physicians and Surgeons of Canada, approved by Queen's "
                "University, Office of Continuing Professional Development. Up to 80 hours can be claimed."
            ),
            "statement_fr": (
                "Ce programme d’autoévaluation agréé (section 3) répond aux critères du programme de Maintien du "
                "certificat (MDC) du Collège royal des médecins et chirurgiens du Canada et a été approuvé par le "
                "Bureau du développement professionnel continu de l’Université Queen's. Au plus 80 heures peuvent "
                "être déclarées."
            ),
        },
    ),
    (
        TITLE
        | {
            "accreditor": "Queen's University, Office of Continuing Professional Development",
            "accreditor_fr": "Université Queen's, Bureau du développement professionnel continu",
            "activity_id": "QCPD-0471",
        },
        {
            "category": "other",
            "unit": "hours",
            "per_hour": "1",
            "cap": "80",
            "credit_name": "continuing education",
            "credit_name_fr": "formation continue",
            # Some colleges of the professions keep the word "certificate" for themselves.
            "document_title": "Record of Attendance",
            "document_title_fr": "Attestation de participation",
            "statement": (
                "Queen's University, Office of Continuing Professional Development, confirms that the person named "
                "attended the sessions listed. Up to 80 hours of continuing education can be claimed."
            ),
            "statement_fr": (
                "Le Bureau du développement professionnel continu de l’Université Queen's confirme que la personne "
                "nommée a participé aux séances énumérées. Au plus 80 heures de formation continue peuvent être "
                "déclarées."
            ),
        },
    ),
)

TOPICS = (
    (
        "Chronic pain as a condition in its own right",
        "La douleur chronique, une maladie à part entière",
    ),
    (
        "Taking a pain history that leads somewhere",
        "L’anamnèse de la douleur qui fait avancer",
    ),
    (
        "Examining the body in pain: a practical sequence",
        "Examiner le corps douloureux : une démarche pratique",
    ),
    (
        "Nociceptive, neuropathic, nociplastic: telling them apart",
        "Nociceptive, neuropathique, nociplastique : les distinguer",
    ),
    (
        "Function first: goals a patient can measure",
        "La fonction d’abord : des objectifs que le patient peut mesurer",
    ),
    (
        "Low back pain beyond the scan",
        "La lombalgie au-delà de l’imagerie",
    ),
    (
        "Neck pain and headache after whiplash",
        "Cervicalgie et céphalée après un coup de fouet cervical",
    ),
    (
        "Fibromyalgia: explaining it, treating it",
        "La fibromyalgie : l’expliquer, la traiter",
    ),
    (
        "Neuropathic pain: medicines, doses and patience",
        "La douleur neuropathique : médicaments, doses et patience",
    ),
    (
        "Starting an opioid: for whom, how, and with which agreement",
        "Amorcer un opioïde : pour qui, comment et selon quelle entente",
    ),
    (
        "Opioid rotation and the arithmetic of equivalents",
        "La rotation d’opioïdes et le calcul des équivalents",
    ),
    (
        "Tapering opioids together with the patient",
        "Réduire les opioïdes avec le patient",
    ),
    (
        "Pain and opioid use disorder: where buprenorphine fits",
        "Douleur et trouble de l’usage d’opioïdes : la place de la buprénorphine",
    ),
    (
        "Naloxone, storage and safety at home",
        "Naloxone, rangement et sécurité à la maison",
    ),
    (
        "Cannabinoids: evidence, limits and patients' questions",
        "Les cannabinoïdes : données, limites et questions des patients",
    ),
    (
        "Sleep and pain, a two-way street",
        "Sommeil et douleur, une rue à double sens",
    ),
    (
        "Depression, anxiety and trauma alongside pain",
        "Dépression, anxiété et traumatismes aux côtés de la douleur",
    ),
    (
        "Movement as treatment: pacing and graded activity",
        "Le mouvement comme traitement : doser et progresser",
    ),
    (
        "Injections and blocks: who benefits",
        "Infiltrations et blocs : à qui ils profitent",
    ),
    (
        "Pain in later life: frailty, falls and kidneys",
        "La douleur au grand âge : fragilité, chutes et reins",
    ),
    (
        "Pelvic pain without blame",
        "La douleur pelvienne sans reproche",
    ),
    (
        "Complex regional pain syndrome: seeing it early",
        "Le syndrome douloureux régional complexe : le voir tôt",
    ),
    (
        "Listening across cultures and languages",
        "Écouter d’une culture et d’une langue à l’autre",
    ),
    (
        "Caring with Indigenous patients: safety, trust and history",
        "Soigner avec les patients autochtones : sécurité, confiance et histoire",
    ),
    (
        "When everything hurts: central sensitization",
        "Quand tout fait mal : la sensibilisation centrale",
    ),
    (
        "Looking back: cases that taught us",
        "Regard en arrière : des cas qui nous ont appris",
    ),
)
