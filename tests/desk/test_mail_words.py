"""A program's own words for its mails: what they may hold, how they arrive, and that they are tried out safely."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as portal
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from core.errors import BadInputError
from desk.mail_samples import default_words, preview, sample
from desk.mail_texts import BY_KEY, MAILS
from outbox.models import OutgoingMail
from outbox.rendering import render_default
from outbox.services import Letter, queue_mails
from sessions_app.models import MailWording, Program
from sessions_app.services.letters import tell_approved
from sessions_app.services.wording import reset_mail, word_mail
from sessions_app.wordings import PLACES
from tests import factories as make
from tests.database import refused_by
from tests.outbox.test_placeholders import ATTACKS

pytestmark = pytest.mark.django_db

WELCOME = BY_KEY["sessions_app-approved"]


@pytest.fixture
def program(db) -> Program:
    program = make.make_program(name="Chronic Pain", name_fr="Douleur chronique")
    cycle = make.make_cycle(program, name="Fall 2026", name_fr="Automne 2026")
    session = make.make_session(
        cycle,
        starts_at=timezone.now() + timedelta(days=3),
        topic="Tapering opioids",
        topic_fr="Réduire les opioïdes",
        status="confirmed",
    )
    make.make_speaker(
        session, "Dr. Priya Rao", affiliation="Queen’s University", affiliation_fr="Université Queen’s"
    )
    make.make_enrolment(cycle, make.make_user(name="Wilhelmina Participant"))
    return program


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def word(program: Program, by, **changes) -> MailWording:
    values = {
        "mail": WELCOME.mail,
        "language": "en",
        "subject": "Welcome to {{ cycle }}",
        "text": "Dear {{ name }},\n\nyour page: {{ link }}",
        "known": WELCOME.places,
        "needed": WELCOME.needed,
    } | changes
    return word_mail(program_id=program.pk, by=by, **values)


def url(program: Program, key: str = "sessions_app-approved", language: str = "en") -> str:
    return f"/admin/programs/{program.pk}/mails/{key}/{language}/"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.key)
def test_words_to_begin_with_say_what_the_portal_says(program, mail, language) -> None:
    context = sample(program, language=language, reader="Rae").context
    subject, text = default_words(mail, context, language=language)
    assert "{{ name }}" in text
    assert "Wilhelmina" not in text
    own = {key: value for key, value in context.items() if key != "facts" or "number" in mail.places}
    default = render_default(mail.mail, own, language=language)
    arrived = preview(mail, (subject, text), context, language=language)
    assert (arrived.subject, arrived.text.strip()) == (default.subject, default.text.strip())


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.key)
def test_every_place_of_a_mail_is_documented_and_can_be_filled(program, mail) -> None:
    context = sample(program, language="en", reader="Rae").context
    text = "\n".join(f"{{{{ {name} }}}}" for name in mail.places)
    shown = preview(mail, ("A subject", text), context, language="en")
    assert "{{" not in shown.text
    assert set(mail.needed) <= set(mail.places)
    assert all(str(PLACES[name][0]) for name in mail.places)


def test_mail_arrives_in_the_programs_own_words(program, coordinator) -> None:
    word(program, coordinator)
    cycle = program.cycles.get()
    enrolment = make.make_enrolment(cycle, make.make_user("ann@clinic.example", name="Ann <b>Able</b>"))
    tell_approved(enrolment)
    french = make.make_enrolment(cycle, make.make_user("noe@clinique.example", language="fr"))
    tell_approved(french)
    mail = OutgoingMail.objects.get(recipient="ann@clinic.example")
    assert mail.subject == "Welcome to Fall 2026"
    assert mail.body_text.startswith("Dear Ann <b>Able</b>,\n\nyour page: http")
    assert "Ann &lt;b&gt;Able" in mail.body_html
    assert f'href="{portal.PORTAL_URL}/my/cycles/{cycle.pk}/"' in mail.body_html
    # Each language by itself, and no other program's.
    assert OutgoingMail.objects.get(recipient="noe@clinique.example").subject.startswith(
        "Vous avez une place"
    )
    other = make.make_enrolment(make.make_cycle(), make.make_user("bo@clinic.example"))
    tell_approved(other)
    assert "You have a place" in OutgoingMail.objects.get(recipient="bo@clinic.example").subject


def test_words_of_many_mails_are_looked_up_once(program, coordinator) -> None:
    word(program, coordinator)
    cycle = program.cycles.get()

    def letters(first: int, number: int) -> list[Letter]:
        context = {
            "name": "Ann",
            "cycle": cycle,
            "program": program,
            "url": "http://x/",
            "calendar_url": "http://y/",
        }
        return [
            Letter(
                key=f"w:{at}",
                kind="test",
                to=f"p{at}@clinic.example",
                template=WELCOME.mail,
                context=context,
                language="en",
            )
            for at in range(first, first + number)
        ]

    with CaptureQueriesContext(connection) as one:
        queue_mails(letters(0, 1))
    with CaptureQueriesContext(connection) as many:
        queue_mails(letters(1, 200))
    assert len(one) == len(many)
    assert set(OutgoingMail.objects.values_list("subject", flat=True)) == {"Welcome to Fall 2026"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused_by_the_page_and_by_the_service(desk, program, coordinator, attack: str) -> None:
    text = f"Hello {attack}\n{{{{ link }}}}"
    response = desk.post(url(program), {"save": "yes", "subject": "S", "text": text})
    assert response.status_code == 422
    assert "Not known here" in response.content.decode()
    with pytest.raises(BadInputError):
        word(program, coordinator, text=text)
    if "\n" not in attack:
        # A subject is brought onto one line first, which mends a broken place.
        with pytest.raises(BadInputError):
            word(program, coordinator, subject=f"{attack} x")
    assert not MailWording.objects.exists()
    # A preview or a test of it shows it as it stands, and nothing else.
    for button in ("preview", "test"):
        answer = desk.post(url(program), {button: "yes", "subject": "S", "text": text})
        assert portal.SECRET_KEY not in answer.content.decode()
        assert "&lt;class" not in answer.content.decode()


def test_old_words_with_a_place_nobody_knows_are_sent_as_they_stand(program) -> None:
    MailWording.objects.create(
        program=program,
        mail=WELCOME.mail,
        language="en",
        subject="Hello {{ x.__class__ }}",
        text="{{ settings.SECRET_KEY }} {{ gone }} {{ name }} {{ topic_of_nothing }} {{ was }}",
    )
    enrolment = make.make_enrolment(
        program.cycles.get(), make.make_user("ann@clinic.example", name="{{ link }}")
    )
    tell_approved(enrolment)
    mail = OutgoingMail.objects.get(recipient="ann@clinic.example")
    assert mail.subject == "Hello {{ x.__class__ }}"
    assert mail.body_text == (
        "{{ settings.SECRET_KEY }} {{ gone }} {{ link }} {{ topic_of_nothing }} {{ was }}\n"
    )


def test_what_the_mail_is_of_no_use_without_must_be_there(desk, program, coordinator) -> None:
    with pytest.raises(BadInputError, match="link"):
        word(program, coordinator, text="Dear {{ name }}, welcome.")
    response = desk.post(url(program), {"save": "yes", "subject": "S", "text": "Welcome."})
    assert response.status_code == 422
    assert "The text must hold {{ link }}" in response.content.decode()


def test_coordinator_words_a_mail_looks_at_it_tests_it_and_goes_back(desk, program, coordinator) -> None:
    page = desk.get(url(program, language="fr"))
    assert "Wilhelmina Participant" in page.content.decode()
    assert "MailWording" not in page.content.decode()
    words = {"subject": "Bienvenue", "text": "Bonjour {{ name }},\n\n{{ link }}"}
    shown = desk.post(url(program, language="fr"), {"preview": "yes", **words}).content.decode()
    assert "Bonjour Wilhelmina Participant," in shown
    assert not MailWording.objects.exists()
    assert not OutgoingMail.objects.exists()

    desk.post(url(program, language="fr"), {"test": "yes", **words})
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == (coordinator.email, "[Test] Bienvenue")
    assert not MailWording.objects.exists()

    kept = desk.post(url(program, language="fr"), {"save": "yes", **words}, follow=True).content.decode()
    assert "Saved. From now on, this email uses this text." in kept
    assert MailWording.objects.get().subject == "Bienvenue"
    listed = desk.get(f"/admin/programs/{program.pk}/mails/").content.decode()
    assert listed.count("Program’s wording") == 1
    desk.post(url(program, language="fr"), {"reset": "yes"})
    assert not MailWording.objects.exists()


def test_words_and_going_back_are_recorded_and_done_once(program, coordinator) -> None:
    from tests.history import event_model

    first = word(program, coordinator)
    assert word(program, coordinator) == first
    word(program, coordinator, subject="Hi {{ name }}")
    assert reset_mail(program_id=program.pk, mail=WELCOME.mail, language="en", by=coordinator)
    assert not reset_mail(program_id=program.pk, mail=WELCOME.mail, language="en", by=coordinator)
    events = event_model(MailWording).objects.order_by("pgh_id")
    assert [(event.pgh_label, event.pgh_context.metadata["verb"]) for event in events] == [
        ("insert", "mail.word"),
        ("update", "mail.word"),
        ("delete", "mail.reset_words"),
    ]


def test_database_keeps_one_wording_of_a_mail_that_says_something(program, coordinator) -> None:
    word(program, coordinator)
    values = {"program": program, "mail": WELCOME.mail, "language": "en", "subject": "s", "text": "t"}
    with refused_by("sessions_app_mailwording_once"):
        MailWording.objects.create(**values)
    with refused_by("sessions_app_mailwording_language_known"):
        MailWording.objects.create(**{**values, "language": "de"})
    with refused_by("sessions_app_mailwording_says_something"):
        MailWording.objects.create(**{**values, "language": "fr", "text": " \n"})


def test_only_who_changes_programs_words_its_mails(client, program) -> None:
    client.force_login(make.make_user(is_staff=True))
    for address in (url(program), f"/admin/programs/{program.pk}/mails/"):
        assert client.get(address).status_code == 403
    assert client.post(url(program), {"save": "yes", "subject": "s", "text": "t"}).status_code == 403


def test_unknown_mails_and_languages_are_not_there(desk, program) -> None:
    assert desk.get(url(program, key="sessions_app-nothing")).status_code == 404
    assert desk.get(url(program, language="de")).status_code == 404
    assert desk.get(f"/admin/programs/{program.pk + 999}/mails/").status_code == 404


def test_program_without_people_is_shown_with_made_up_ones(desk) -> None:
    bare = make.make_program()
    with translation.override("en"):
        for mail in MAILS:
            assert desk.get(url(bare, key=mail.key)).status_code == 200
    assert "Nobody takes part in this program yet" in desk.get(url(bare)).content.decode()
