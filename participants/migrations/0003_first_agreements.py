"""The first version of each agreement, in force from the start; a coordinator publishes the next when it must change.

The participation agreement says in our words what section 4 (2) of Ontario's Personal Health Information Protection
Act, 2004, calls identifying information.
"""

from django.db import migrations
from django.utils import timezone

PARTICIPATION = """\
Sessions and cases are confidential. What I hear about a patient, a colleague or a practice stays in the program. I do not record, photograph or pass on sessions, and I join them from a place where nobody else can listen.
The cases I bring are de-identified. I leave out everything that identifies a patient. Under Ontario's Personal Health Information Protection Act, information is identifying when it identifies a person, or when it is reasonably foreseeable in the circumstances that it could be used to identify one, alone or together with other information. A name, a date of birth, an address, a health card or chart number, a rare occupation in a small town: each of these can be enough.
I do not try to find out who a patient is, whether by asking, searching or putting facts together. If I recognize one, I keep it to myself and do not use what I learned here.
If I see identifying information in a case or hear it in a session, I tell the coordinator at once.
Recommendations are advice among colleagues. They make no one here my patient's provider: I stay responsible for the care I give.
"""
PARTICIPATION_FR = """\
Les séances et les cas sont confidentiels. Ce que j’entends au sujet d’un patient, d’un collègue ou d’une pratique reste dans le programme. Je n’enregistre pas, ne photographie pas et ne transmets pas les séances, et j’y participe d’un endroit où personne d’autre ne peut entendre.
Les cas que je présente sont anonymisés. J’en retire tout ce qui identifie un patient. Selon la Loi de 2004 sur la protection des renseignements personnels sur la santé de l’Ontario, un renseignement est identificatoire lorsqu’il identifie une personne, ou lorsqu’il est raisonnable de prévoir, dans les circonstances, qu’il pourrait servir à en identifier une, seul ou avec d’autres renseignements. Un nom, une date de naissance, une adresse, un numéro de carte Santé ou de dossier, un métier rare dans un petit village : un seul peut suffire.
Je ne cherche pas à savoir qui est un patient, que ce soit en posant des questions, en faisant des recherches ou en recoupant des faits. Si j’en reconnais un, je le garde pour moi et n’utilise pas ce que j’ai appris ici.
Si je vois un renseignement identificatoire dans un cas ou en entends un pendant une séance, j’en avise la coordination sans attendre.
Les recommandations sont des avis entre collègues. Elles ne font de personne ici le fournisseur de soins de mon patient : je demeure responsable des soins que je donne.
"""
RESEARCH = """\
The program studies whether it works: whether knowledge, confidence and care improve. It would like to include my survey answers, attendance and professional profile in that evaluation.
Results are reported for groups only. My name, address and licence number are replaced by a code before anyone analyses the data, and groups of fewer than five people are not shown.
Saying no changes nothing about my place, my credits or my certificate. I can change my answer at any time; from then on nothing more of mine is included.
"""
RESEARCH_FR = """\
Le programme étudie s’il fonctionne : si les connaissances, la confiance et les soins s’améliorent. Il aimerait inclure dans cette évaluation mes réponses aux sondages, ma présence et mon profil professionnel.
Les résultats portent seulement sur des groupes. Mon nom, mon adresse et mon numéro de permis sont remplacés par un code avant toute analyse, et les groupes de moins de cinq personnes ne sont pas montrés.
Dire non ne change rien à ma place, à mes crédits ni à mon certificat. Je peux changer ma réponse en tout temps; à partir de ce moment, rien de plus qui me concerne n’est inclus.
"""
RECORDING = """\
Lectures may be recorded so that participants who could not attend can watch them. Cases and the discussion of cases are never recorded.
A recording can show my picture, my voice and the name I use in the meeting. It is seen by the participants and the hub team of my cycle only, and it is deleted after the cycle.
Saying no changes nothing about my place: I keep my camera and microphone off while a lecture is recorded. I can change my answer at any time.
"""
RECORDING_FR = """\
Les exposés peuvent être enregistrés pour que les personnes absentes puissent les regarder. Les cas et les discussions de cas ne sont jamais enregistrés.
Un enregistrement peut montrer mon image, ma voix et le nom que j’utilise dans la réunion. Seules les personnes participant à mon cycle et son équipe d’experts le voient, et il est supprimé après le cycle.
Dire non ne change rien à ma place : je ferme ma caméra et mon microphone pendant l’enregistrement d’un exposé. Je peux changer ma réponse en tout temps.
"""

TEXTS = [
    ("participation", "Participation agreement", "Entente de participation", PARTICIPATION, PARTICIPATION_FR),
    ("research", "Consent to evaluation research", "Consentement à la recherche évaluative", RESEARCH, RESEARCH_FR),
    ("recording", "Consent to recording", "Consentement à l’enregistrement", RECORDING, RECORDING_FR),
]


def add_texts(apps, schema_editor):
    agreement_model = apps.get_model("participants", "Agreement")
    for kind, title, title_fr, text, text_fr in TEXTS:
        agreement_model.objects.get_or_create(
            kind=kind,
            version=1,
            defaults={
                "title": title,
                "title_fr": title_fr,
                "text": text.strip(),
                "text_fr": text_fr.strip(),
                "published_at": timezone.now(),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("participants", "0002_profiles_agreements_and_ends")]
    operations = [migrations.RunPython(add_texts, migrations.RunPython.noop)]
