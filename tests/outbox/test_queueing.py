from concurrent.futures import ThreadPoolExecutor
from email.utils import parseaddr
from threading import Barrier

import pytest
from django.db import connection, transaction

from core.errors import BadInputError
from core.models import store_file
from outbox.models import SUBJECT_LENGTH, OutgoingMail
from outbox.services import nudge, queue_mail, queue_rendered_mail

pytestmark = pytest.mark.django_db

TEMPLATES = {
    "t/mail/hello.subject.txt": "{% load i18n %}\n{% translate 'Password' %} {{ name }}\n",
    "t/mail/hello.txt": (
        "{% extends 'outbox/mail/base.txt' %}{% load i18n %}{% block body %}{% translate 'Password' %}, "
        "{{ name }}{% endblock %}"
    ),
    "t/mail/hello.html": (
        "{% extends 'outbox/mail/base.html' %}{% load i18n %}{% block body %}<p>{% translate 'Password' %}, "
        "{{ name }}</p>{% endblock %}"
    ),
    "t/mail/plain.subject.txt": "Plain",
    "t/mail/plain.txt": "Plain {{ name }}",
    "t/mail/broken.subject.txt": "Broken",
    "t/mail/broken.txt": "Broken",
    "t/mail/broken.html": "{% include 't/mail/nowhere.html' %}",
}

INJECTIONS = [
    "\nBcc: thief@evil.example",
    "\rBcc: thief@evil.example",
    "\r\nBcc: thief@evil.example",
    "\r\n\r\nA new body",
    "\n.\nMAIL FROM:<thief@evil.example>",
    "\r\n.\r\nMAIL FROM:<thief@evil.example>\r\nRCPT TO:<thief@evil.example>\r\nDATA\r\n",
    "\x0bBcc: thief@evil.example",
    "\x0cBcc: thief@evil.example",
    "\x85Bcc: thief@evil.example",
    "\u2028Bcc: thief@evil.example",
    "\u2029Bcc: thief@evil.example",
    "\x00Bcc: thief@evil.example",
    "\x1bBcc: thief@evil.example",
]


@pytest.fixture
def templates(settings):
    engine = dict(settings.TEMPLATES[0])
    options = dict(engine["OPTIONS"])
    options["loaders"] = [
        ("django.template.loaders.locmem.Loader", TEMPLATES),
        "django.template.loaders.filesystem.Loader",
    ]
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]


def greet(**changes):
    values = {
        "key": "hello:1",
        "kind": "hello",
        "to": "person@clinic.example",
        "template": "t/mail/hello",
        "context": {"name": "Ana"},
        "language": "en",
    }
    return queue_mail(**{**values, **changes})


def test_mail_is_rendered_in_the_persons_language(templates):
    english, french = greet(), greet(key="hello:2", language="fr")

    assert (english.subject, english.language) == ("Password Ana", "en")
    assert french.subject == "Mot de passe Ana"
    assert french.body_text.startswith("Mot de passe, Ana\n")
    assert '<html lang="fr">' in french.body_html
    assert "<p>Mot de passe, Ana</p>" in french.body_html


def test_plain_text_is_not_escaped_and_html_is(templates):
    mail = greet(context={"name": "Siobhán O'Brien <&>"})

    assert mail.subject == "Password Siobhán O'Brien <&>"
    assert "Siobhán O'Brien <&>" in mail.body_text
    assert "Siobhán O&#x27;Brien &lt;&amp;&gt;" in mail.body_html


def test_mail_without_html_template_is_plain(templates):
    mail = greet(template="t/mail/plain")

    assert (mail.body_text, mail.body_html) == ("Plain Ana\n", "")


def test_template_that_misses_a_part_is_an_error_and_not_a_mail_without_html(templates):
    with pytest.raises(Exception, match="nowhere"):
        greet(template="t/mail/broken")


def test_second_mail_of_a_key_changes_nothing(templates):
    first = greet()
    second = greet(to="other@clinic.example", context={"name": "Bo"}, language="fr")

    assert second.pk == first.pk
    assert (second.recipient, second.subject) == ("person@clinic.example", "Password Ana")
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_threads_queue_one_mail_for_one_key(queue):
    start = Barrier(10)
    file = store_file(b"%PDF", content_type="application/pdf")

    def queue_it():
        try:
            with transaction.atomic():
                start.wait(10)
                return queue(key="certificate:12", attachments=[(file, "certificate.pdf")]).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        found = {future.result(30) for future in [threads.submit(queue_it) for _ in range(10)]}

    mail = OutgoingMail.objects.get()
    assert found == {mail.pk}
    assert mail.attachments.count() == 1


@transaction.atomic
def queue_and_fail(queue):
    queue()
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_mail_of_a_transaction_that_fails_never_existed(queue):
    with pytest.raises(ZeroDivisionError):
        queue_and_fail(queue)

    assert not OutgoingMail.objects.exists()


def test_many_mails_of_one_transaction_nudge_once(queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(5):
            queue()

    assert [callback for callback in callbacks if callback is nudge] == [nudge]


def test_mail_after_a_savepoint_rolled_back_still_nudges(queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        with pytest.raises(ZeroDivisionError):
            queue_and_fail(queue)
        queue()

    assert callbacks == [nudge]


def test_mail_queued_before_does_not_nudge_again(queue, django_capture_on_commit_callbacks):
    mail = queue()
    with django_capture_on_commit_callbacks() as callbacks:
        queue(key=mail.key)

    assert callbacks == []


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("field", ["to", "subject", "filename"])
def test_line_break_is_refused_in_every_header(queue, field, injection):
    file = store_file(b"%PDF", content_type="application/pdf")
    before, after = {"to": ("a", "@clinic.example"), "subject": ("A", ""), "filename": ("a", ".pdf")}[field]
    value = f"{before}{injection}{after}"
    changes = {"attachments": [(file, value)]} if field == "filename" else {field: value}

    with pytest.raises(BadInputError):
        queue(**changes)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("injection", [text for text in INJECTIONS if text[0] not in "\x00\x1b"])
def test_line_break_in_a_name_adds_no_header(relay, templates, deliver, injection):
    greet(context={"name": f"Ana{injection}"})

    deliver()

    (received,) = relay.accepted
    assert received.message.keys() == [
        "Content-Type",
        "MIME-Version",
        "Subject",
        "From",
        "To",
        "Message-ID",
        "Date",
        "Auto-Submitted",
        "Content-Language",
    ]
    assert received.message["To"] == "person@clinic.example"
    assert received.message["Subject"].startswith("Password Ana")


@pytest.mark.parametrize("injection", INJECTIONS[:6])
def test_dots_and_line_breaks_in_a_text_end_no_message(relay, queue, deliver, injection):
    text = f"First line.{injection}\n.\n..\nLast line.\n"
    queue(body_text=text)

    deliver()

    (received,) = relay.accepted
    content = received.message.get_content()
    assert content == text.replace("\r\n", "\n").replace("\r", "\n")
    assert relay.log.count("mail") == 1


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@clinic.example", "a@", "a@b", "a b@clinic.example", "Ana <ana@clinic.example>", "a@b@c.example",
     "a@clinic.example,b@clinic.example", "a" * 250 + "@clinic.example", "a@clinic .example", "\u00a0a@clinic.example"],
)  # fmt: skip
def test_address_that_is_none_is_refused(queue, address):
    with pytest.raises(BadInputError, match="address"):
        queue(to=address)


@pytest.mark.parametrize(
    "address",
    ["a@clinic.example", "o'brien+echo@clinic.example", "hélène@clinic.example", "a@clinique-québec.example"],
)
def test_address_that_is_one_is_taken(queue, address):
    assert queue(to=address).recipient == address


@pytest.mark.parametrize(
    "changes", [{"subject": ""}, {"subject": "  "}, {"language": "de"}, {"body_text": "a\x00"}]
)
def test_mail_that_cannot_be_sent_is_refused(queue, changes):
    with pytest.raises(BadInputError):
        queue(**changes)


@pytest.mark.parametrize("filename", ["", "../up.pdf", "a\\b.pdf", "x" * 201])
def test_file_name_that_is_no_plain_name_is_refused(queue, filename):
    file = store_file(b"%PDF", content_type="application/pdf")

    with pytest.raises(BadInputError):
        queue(attachments=[(file, filename)])


def test_text_with_half_a_character_is_refused(queue):
    with pytest.raises(BadInputError):
        queue(body_text="\ud83d")


def test_long_subject_is_cut(queue):
    subject = queue(subject="é" * 1000).subject

    assert (len(subject), subject[-2:]) == (SUBJECT_LENGTH, "é…")


def test_message_id_is_unique_and_of_the_senders_domain(queue, settings):
    settings.DEFAULT_FROM_EMAIL = "Équipe ECHO <portail@clinique-québec.example>"
    first, second = queue(), queue()

    assert first.message_id != second.message_id
    assert parseaddr(first.message_id)[1].endswith("@xn--clinique-qubec-lkb.example")


def test_ready_words_are_kept_as_they_are():
    mail = queue_rendered_mail(
        key="account:1",
        kind="account",
        to="person@clinic.example",
        subject="Your code",
        body_text="Code\r\n1234",
        language="en",
        is_secret=True,
    )

    assert (mail.subject, mail.body_text, mail.is_secret) == ("Your code", "Code\n1234", True)
