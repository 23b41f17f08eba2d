"""Cases of patients who do not exist, and what the hub's team answers to them."""

from typing import Any

Content = dict[str, Any]

BACK: Content = {
    "age": "57",
    "sex": "female",
    "onset": "Twelve years ago, after lifting at work.",
    "pain_history": (
        "Low back pain since then, with two fusions that helped for half a year each. Worse with sitting and in the "
        "morning, better with short walks. The left leg burns down to the foot."
    ),
    "sites": ["lower_back", "lower_leg_left"],
    "character": ["aching", "burning"],
    "course": "flares",
    "peg_pain": 7,
    "peg_enjoyment": 8,
    "peg_activity": 8,
    "function": "Walks ten minutes, sits half an hour, has stopped gardening.",
    "diagnoses": "Persistent pain after spinal surgery, with a neuropathic part.",
    "comorbidities": "Obesity, sleep apnea treated with CPAP, high blood pressure.",
    "medications": [
        {
            "name": "oxycodone",
            "when": "now",
            "dose": "20 mg three times a day, six years",
            "opioid": "oxycodone",
            "amount": "60",
            "effect": "Takes the edge off for three hours.",
            "side_effects": "Constipation.",
        },
        {"name": "pregabalin", "when": "tried", "dose": "150 mg a day", "side_effects": "Gained weight."},
    ],
    "ort": ["depression"],
    "mental_health": "Low mood in winter; no treatment now.",
    "sleep": "Five hours, wakes twice from pain.",
    "treatments": "Physiotherapy twice, epidural injections without effect, no psychological treatment so far.",
    "goals": "To garden again and to lift a grandchild.",
    "question_1": "Would you rotate the opioid or taper it first?",
    "question_2": "Is there a place for an injection or a stimulator after two fusions?",
}
MIGRAINE: Content = {
    "age": "34",
    "sex": "female",
    "pain_history": (
        "Migraine since adolescence, on most days for three years. Takes a triptan or a tablet with codeine on twenty "
        "days a month; the headache returns the next morning."
    ),
    "sites": ["head", "neck"],
    "character": ["throbbing"],
    "course": "worsening",
    "peg_pain": 6,
    "peg_enjoyment": 7,
    "peg_activity": 6,
    "diagnoses": "Chronic migraine; medication overuse suspected.",
    "medications": [
        {"name": "sumatriptan", "when": "now", "dose": "100 mg when needed", "effect": "Helps for a day."},
        {
            "name": "acetaminophen with codeine",
            "when": "now",
            "dose": "two to four tablets a day",
            "opioid": "codeine",
            "amount": "120",
        },
        {"name": "amitriptyline", "when": "tried", "dose": "25 mg", "side_effects": "Drowsy at work."},
    ],
    "social": "Works shifts in health care, lives with a partner.",
    "goals": "To miss no more work.",
    "question_1": "How do I help her to stop the daily tablets without losing her trust?",
}
NEUROPATHY: Content = {
    "age": "68",
    "sex": "male",
    "pain_history": (
        "Burning feet for five years, with diabetes for twenty. Sheets on the toes are unbearable at night; during the "
        "day he is distracted and better."
    ),
    "sites": ["foot_left", "foot_right"],
    "character": ["burning", "tingling", "numb"],
    "course": "constant",
    "peg_pain": 6,
    "peg_enjoyment": 5,
    "peg_activity": 4,
    "diagnoses": "Painful diabetic neuropathy.",
    "comorbidities": "Chronic kidney disease, stage 3; coronary disease.",
    "medications": [
        {"name": "gabapentin", "when": "now", "dose": "300 mg at night", "effect": "Sleeps an hour longer."},
        {
            "name": "duloxetine",
            "when": "tried",
            "dose": "30 mg",
            "side_effects": "Nausea, stopped after a week.",
        },
    ],
    "sleep": "Four hours.",
    "goals": "To sleep through, and to curl again.",
    "question_1": "What may I still use, with his kidneys?",
}
SHOULDER: Content = {
    "age": "45",
    "sex": "male",
    "gender": "man",
    "pain_history": (
        "The right arm has hurt since a crush injury four years ago: swollen, cold and sweating at times. He guards it "
        "and has moved it less and less."
    ),
    "sites": ["forearm_right", "hand_right"],
    "character": ["burning", "pressing"],
    "course": "constant",
    "peg_pain": 8,
    "peg_enjoyment": 9,
    "peg_activity": 9,
    "diagnoses": "Complex regional pain syndrome suspected.",
    "medications": [
        {
            "name": "hydromorphone",
            "when": "now",
            "dose": "4 mg four times a day",
            "opioid": "hydromorphone",
            "amount": "16",
            "effect": "Little.",
        },
        {"name": "cannabis oil", "when": "now", "dose": "at night", "effect": "Sleeps better."},
    ],
    "ort": ["family_alcohol"],
    "social": "An open compensation claim; money is short.",
    "goals": "To work again with his hands.",
    "question_1": "Which examination would settle the diagnosis?",
    "question_2": "Where do we begin: with the hand, the dose, or the claim?",
}
FIBROMYALGIA: Content = {
    "age": "51",
    "sex": "female",
    "pain_history": "Pain all over for eight years, tired on waking, worse after every attempt to exercise.",
    "sites": ["neck", "upper_back", "lower_back", "hip_left", "hip_right"],
    "character": ["aching"],
    "course": "constant",
    "peg_pain": 7,
    "peg_enjoyment": 7,
    "peg_activity": 8,
    "diagnoses": "Fibromyalgia.",
    "no_medications": True,
    "sleep": "Seven hours that do not refresh.",
    "goals": "To be out of the house every day.",
    "question_1": "How slowly is slowly enough when she begins to move?",
}
BEGUN: Content = {
    "age": "62",
    "sex": "female",
    "pain_history": "Knee pain on both sides for ten years.",
    "medications": [{"name": "naproxen", "when": "now", "dose": "500 mg twice a day"}],
}
"""A draft that is not finished."""

SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "assessment": (
        "Ask what a good day and a bad day are like, and what makes the difference.",
        "Examine for a neuropathic part: light touch, cold, and the map of the numb skin.",
        "Ask about sleep before you ask about dose; screen for sleep apnea.",
    ),
    "pharmacological": (
        "Taper by a tenth every four weeks, pause when the patient asks, and do not go back up.",
        "Above 90 mg a day, consider rotating to buprenorphine by micro-dosing.",
        "Offer take-home naloxone to everybody who takes an opioid, and to those they live with.",
    ),
    "non_pharmacological": (
        "Agree on one activity with a daily amount that is possible on a bad day, and raise it weekly.",
        "Offer cognitive behavioural therapy for pain, in a group or online.",
        "Begin exercise in warm water where weight or fear keeps the patient from moving.",
    ),
    "interventional": (
        "No injection without a plan for what the patient will do with the weeks that it buys.",
        "Refer for a stimulator only after psychological assessment and a trial of rehabilitation.",
        "A diagnostic block of the sacroiliac joint is worth its risk when the examination points there.",
    ),
    "biopsychosocial": (
        "Name the fear: ask what the patient believes will happen to the body with movement.",
        "Treat the depression in its own right; pain seldom improves before it does.",
        "Ask the family what they do when the pain is bad, and what they would like to do.",
    ),
    "referral": (
        "The provincial self-management program is free, and takes referrals by the patients themselves.",
        "A community pharmacist can dispense weekly while the dose changes.",
        "A social worker can help with the claim, so that the visits are about health.",
    ),
}

ANSWERS: dict[str, tuple[str, str]] = {
    "assessment": (
        "The burning leg is neuropathic until shown otherwise: test light touch and cold below the knee.",
        "Ask what she fears will happen when she bends; many have been told that their back is fragile.",
    ),
    "pharmacological": (
        "Do not add to what does not help. Lower the dose by a tenth every four weeks, and offer naloxone today.",
        "Check what is taken at night together with it: sedatives and the opioid add up in sleep apnea.",
    ),
    "non_pharmacological": ("Ten minutes of walking twice a day, raised by a minute each week.", ""),
    "biopsychosocial": (
        "",
        "Plan the first bad week together: what to do, whom to call, what not to change.",
    ),
    "referral": ("", "A self-management group, and the pharmacist for weekly dispensing during the taper."),
}
"""What the specialist and the community partner write under the headings."""

OPENING = "Thank you for this case; many in the group have a patient like this one."
FOLLOW_UP = (
    "Two steps down without a bad week. Walks half an hour now, and is in the group at the community centre."
)
