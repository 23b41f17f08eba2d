"""Roles × every address of the administration × method; and nobody sees a program that is not theirs."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from cases.library_queries import library_of
from cases.services.letters import may_release
from core.errors import BadInputError
from credits.models import Accreditation, AuditPackDownload
from desk.scopes import CHOSEN, LIMITS
from outbox.models import OutgoingMail
from outbox.services import call_off_mails, queue_rendered_mail
from participants.models import Agreement, CategoryRequest, User
from participants.services import next_agreement_version
from sessions_app.models import Cycle, Hub, ScopedProgram, StaffScope
from sessions_app.scope import programs_of, works_for
from surveys.models import Pseudonym, PseudonymLookup
from surveys.services.pseudonyms import ensure_pseudonyms, look_up_pseudonym
from tests import factories as make
from tests.database import refused_by
from tests.history import count_events
from tests.test_access import outcome
from tests.url_map import admin_urls
from tests.world import ADVICE, CASE, World, make_world

pytestmark = pytest.mark.django_db

NEW_ROLES = ("Program directors", "Auditors", "Evaluators", "Support", "Hub specialists")
WORDS_OF_CASES = (CASE["pain_history"].splitlines()[0], ADVICE, "Kapuskasing")
NAMES = ("Noé Lefèbvre-Côté", "noe@clinique.example", "Nora Newcomer", "nora@clinic.example", "Lena Late")
OWN = {"admin:login", "admin:logout", "admin:jsi18n", "admin:password_change", "admin:password_change_done"}


def staff(role: str, *, email: str = "") -> User:
    user = User.objects.create_user(
        email or f"{role.split(maxsplit=1)[0].lower()}@echo.example", is_staff=True, password=None
    )
    make.give_second_factor(user)
    user.groups.add(Group.objects.get(name=role))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_roles_are_made_by_the_migration_and_differ() -> None:
    permissions = {
        role: set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
        for role in (*NEW_ROLES, "Coordinators")
    }
    assert all(permissions.values())
    # Read-only is read-only.
    assert all(codename.startswith("view_") for codename in permissions["Auditors"])
    assert "decide_waiver" in permissions["Program directors"]
    assert "review_casesubmission" in permissions["Coordinators"]
    for role in NEW_ROLES:
        assert "review_casesubmission" not in permissions[role]
        assert "link_pseudonym" not in permissions[role]
        assert not any(name.startswith("delete_") for name in permissions[role]) or role == "Evaluators"
    assert "view_as_participant" in permissions["Support"]
    assert not {"view_enrolment", "view_user", "view_profile", "view_surveyask"} & permissions["Evaluators"]


@pytest.mark.parametrize("role", NEW_ROLES)
def test_role_opens_only_what_it_may_and_reads_no_case(world: World, role: str) -> None:
    client = logged_in(staff(role))
    leaks, opened = [], 0
    for name, url in admin_urls(world).items():
        answer: Any = client.get(url)
        assert answer.status_code in {200, 286, 302, 403, 404, 405, 409}, f"{name}: {answer.status_code}"
        if answer.status_code != 200:
            continue
        opened += 1
        if answer.streaming:
            text = b"".join(answer.streaming_content).decode(errors="replace")
        else:
            text = answer.content.decode(errors="replace")
        leaks += [f"{name}: {word}" for word in WORDS_OF_CASES if word in text]
        if role == "Evaluators":
            leaks += [f"{name}: {word}" for word in NAMES if word in text]
        if role != "Program directors":
            assert "auth_group" not in name
    # What the hub's own team may write stands in its library of suggestions.
    leaks = [leak for leak in leaks if not (role == "Hub specialists" and "suggested" in leak)]
    assert not leaks
    assert opened > 10


@pytest.mark.parametrize("role", ["Auditors", "Support", "Evaluators"])
def test_role_writes_nothing_that_is_not_its_work(world: World, role: str) -> None:
    client = logged_in(staff(role))
    for name, url in admin_urls(world).items():
        if name in OWN or (role == "Evaluators" and ":surveys_" in name):
            continue
        # These two are a person's own: kept searches, and (for support) the reason of a look.
        if name.endswith("_searches") or name == "admin:participants_user_view_as":
            continue
        before = count_events()
        mails = OutgoingMail.objects.count()
        answer = client.post(url, {"reason": "x", "hold": "yes", "save": "yes", "send": "yes"})
        assert answer.status_code in {200, 302, 403, 404, 405, 409, 422}, f"{name}: {answer.status_code}"
        assert count_events() == before, name
        assert OutgoingMail.objects.count() == mails, name


@pytest.mark.parametrize("role", [*NEW_ROLES, "Coordinators"])
def test_desk_offers_nothing_that_is_refused(world: World, role: str) -> None:
    client = logged_in(staff(role))
    refused, followed = [], 0
    for page in ("/admin/", f"/admin/cycles/{world.running.pk}/", f"/admin/cycles/{world.closed.pk}/"):
        words = client.get(page).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
        for url in set(re.findall(r'href="(/[^"#]*)"', words)):
            answer = client.get(unescape(url), follow=True)
            followed += 1
            if answer.status_code != 200:
                refused.append(f"{page} → {url}: {answer.status_code}")
    assert not refused
    assert followed > 10


def test_auditor_takes_an_audit_pack_along_and_it_is_on_record(world: World) -> None:
    auditor = staff("Auditors")
    client = logged_in(auditor)
    listed = client.get("/admin/credits/auditpack/").content.decode()
    [url] = re.findall(r'href="(/admin/credits/auditpack/\d+/download/)"', listed)
    answer: Any = client.get(url)
    assert b"".join(answer.streaming_content) == b"PK of everything"
    assert AuditPackDownload.objects.filter(downloaded_by=auditor).count() == 1
    assert client.post(f"/admin/credits/cycleclosing/{world.closed.pk}/audit-pack/").status_code == 403


# --- programs ---


def test_every_record_of_the_administration_says_how_it_belongs_to_a_program() -> None:
    assert {model._meta.label for model in admin.site._registry} == set(LIMITS)
    offered = {
        field.related_model._meta.label
        for model, record in admin.site._registry.items()
        for shown in (model, *(inline.model for inline in record.inlines))
        for field in shown._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    }
    # Roles are an administrator's to give, who is limited by nothing.
    assert offered - {"auth.Permission"} <= {*LIMITS, *CHOSEN}


def test_who_is_limited_is_limited_even_to_nothing() -> None:
    one, other = make.make_program(), make.make_program()
    user = make.make_user(is_staff=True)

    def seen() -> Any:
        return programs_of(User.objects.get(pk=user.pk))

    assert seen() is None
    scope = StaffScope.objects.create(account=user)
    assert seen() == frozenset()
    row = ScopedProgram.objects.create(scope=scope, program=one)
    assert seen() == {one.pk}
    assert works_for(User.objects.get(pk=user.pk), one.pk)
    assert not works_for(User.objects.get(pk=user.pk), other.pk)
    with refused_by("sessions_app_scopedprogram_once"):
        ScopedProgram.objects.create(scope=scope, program=one)
    with refused_by("sessions_app_staffscope_account_id_key"):
        StaffScope.objects.create(account=user)
    row.delete()
    assert seen() == frozenset()
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])
    assert seen() is None


def test_program_of_others_is_not_there(world: World) -> None:
    theirs = admin_urls(world)
    mine = make.make_season(make.make_program(name="My own program", slug="mine"), name="My own season")
    ann = make.make_enrolment(mine, make.make_user("ann@clinic.example", name="Ann Mine"))
    user = staff("Coordinators", email="lim@echo.example")
    scope = StaffScope.objects.create(account=user)
    ScopedProgram.objects.create(scope=scope, program=mine.program)
    client = logged_in(user)
    foreign = (*NAMES, *WORDS_OF_CASES, "Last season", "This season")
    shared = {"admin:participants_agreement", "admin:sessions_app_hub"}
    wrong = []
    for name, url in theirs.items():
        if name in OWN or any(name.startswith(f"{prefix}_") for prefix in shared):
            continue
        is_of_a_record = any(char.isdigit() for char in url)
        for method in ("get", "post"):
            before = count_events()
            answer = getattr(client, method)(url)
            found = outcome(answer)
            if is_of_a_record and found not in {404, 403, 405}:
                wrong.append(f"{method} {name}: {found}")
            if count_events() != before:
                wrong.append(f"{method} {name} wrote something")
            if answer.status_code == 200:
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                text = content.decode(errors="replace")
                wrong += [f"{method} {name} shows {word}" for word in foreign if word in text]
    assert not wrong, "\n".join(wrong)

    # Their own is all there.
    for url in (f"/admin/cycles/{mine.pk}/", f"/admin/sessions_app/enrolment/{ann.pk}/change/"):
        assert client.get(url).status_code == 200
    assert "Ann Mine" in client.get("/admin/sessions_app/enrolment/").content.decode()
    assert "Ann Mine" in client.get("/admin/participants/user/").content.decode()
    assert client.get("/admin/search/", {"q": "Lefèbvre"}).context["found"] == []
    for url in (
        f"/admin/cycles/{world.running.pk}/",
        f"/admin/cycles/{world.running.pk}/publish/",
        f"/admin/cycles/{world.running.pk}/message/",
        f"/admin/messages/{world.message.pk}/",
        f"/admin/messages/{world.message.pk}/progress/",
        f"/admin/set-up/{world.running.program_id}/",
        f"/admin/programs/{world.running.program_id}/mails/",
        f"/admin/programs/{world.running.program_id}/mails/sessions_app-approved/en/",
        f"/cases/{world.case.echo_id}/",
        f"/sessions/{world.report.session_id}/",
        f"/cases/{world.case.echo_id}/letter/",
    ):
        assert client.get(url).status_code == 404, url
        assert client.post(url, {"reset": "yes"}).status_code in {404, 405}, url


def test_form_of_who_is_limited_takes_no_program_of_others(world: World) -> None:
    mine = make.make_cycle(make.make_program(name="Mine", slug="mine"))
    user = staff("Coordinators", email="lim@echo.example")
    ScopedProgram.objects.create(scope=StaffScope.objects.create(account=user), program=mine.program)
    client = logged_in(user)
    today = timezone.localdate()
    values = {
        "program": world.running.program_id,
        "name": "Smuggled",
        "starts_on": today,
        "ends_on": today,
        "registration_opens_at_0": today,
        "registration_opens_at_1": "09:00",
        "registration_closes_at_0": today,
        "registration_closes_at_1": "10:00",
        "grace_days": 14,
        "offer_hours": 48,
        "admission": "coordinator",
    }
    for prefix in ("questions", "sessions"):
        values |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = client.post("/admin/sessions_app/cycle/add/", values)
    assert answer.status_code == 422
    assert "program" in answer.context["adminform"].form.errors
    assert (
        client.post("/admin/sessions_app/cycle/add/", {**values, "program": mine.program_id}).status_code
        == 302
    )


# --- what an address does not say ---


@pytest.fixture
def mine(world: World) -> Cycle:
    return make.make_season(make.make_program(name="My own program", slug="mine"), name="My own season")


@pytest.fixture
def limited(mine: Cycle) -> User:
    user = staff("Coordinators", email="lim@echo.example")
    ScopedProgram.objects.create(scope=StaffScope.objects.create(account=user), program=mine.program)
    return user


def test_merge_finds_shows_and_takes_nobody_of_other_programs(
    world: World, mine: Cycle, limited: User
) -> None:
    ann = make.make_user("ann@clinic.example", name="Noé Lefèbvre-Côté")
    make.make_enrolment(mine, ann)
    twin = make.make_user("second@clinic.example", name="Noé Lefèbvre-Côté")
    make.make_enrolment(mine, twin)
    client = logged_in(limited)
    url = f"/admin/participants/user/{ann.pk}/merge/"

    words = client.get(url, {"q": "@"}).content.decode()
    assert "second@clinic.example" in words
    assert "noe@clinique.example" not in words
    assert client.get(url, {"with": world.participant.pk}).status_code == 404
    values = {"kept": ann.pk, "reason": "One person."}
    assert client.post(f"{url}?with={world.participant.pk}", values).status_code == 404
    world.participant.refresh_from_db()
    assert world.participant.is_active
    assert client.get(url, {"with": twin.pk}).status_code == 200


def test_question_is_added_to_no_instrument_of_others(world: World, mine: Cycle, limited: User) -> None:
    theirs = make.make_instrument(world.running.program, title="Theirs", version=9, is_released=False)
    own = make.make_instrument(mine.program, title="Our own", version=9, is_released=False)
    client = logged_in(limited)
    add = "/admin/surveys/question/add/"

    words = unescape(client.get(add).content.decode())
    assert "Our own" in words
    assert "Theirs" not in words
    section = theirs.sections.get()
    words = unescape(client.get(add, {"section": section.pk}).content.decode())
    assert "Theirs" not in words
    values = {"position": 9, "key": "smuggled", "kind": "text", "text": "Smuggled?"}
    errors = {}
    for instrument in (theirs, own):
        answer = client.post(add, values | {"section": instrument.sections.get().pk})
        form = answer.context["adminform"].form if answer.context else None
        errors[instrument] = set(form.errors) if form else set()
    assert "section" in errors[theirs]
    assert "section" not in errors[own]
    assert not theirs.questions.filter(key="smuggled").exists()


def test_survey_of_others_is_not_offered(world: World, mine: Cycle, limited: User) -> None:
    make.make_instrument(world.running.program, title="Theirs", version=9)
    make.make_instrument(mine.program, "post", title="Our own", version=9)

    words = unescape(logged_in(limited).get("/admin/surveys/surveywindow/add/").content.decode())

    assert "Our own" in words
    assert "Theirs" not in words


def test_sample_of_ones_own_certificate_is_shown_and_no_other(
    world: World, mine: Cycle, limited: User
) -> None:
    their_line = world.certificate.accreditation.lines.earliest("pk")
    own = mine.program.accreditations.get()
    own_line = own.lines.latest("pk")
    # An own accreditation has the number of their line, and none that of the own line.
    if not Accreditation.objects.filter(pk=their_line.pk).exists():
        twin = Accreditation.objects.get(pk=own.pk)
        twin.pk, twin.valid_from, twin.valid_to = their_line.pk, date(2040, 1, 1), date(2040, 12, 31)
        twin.save(force_insert=True)
    client = logged_in(limited)

    answers = {
        line.pk: client.get(f"/admin/credits/accreditation/lines/{line.pk}/preview/en/").status_code
        for line in (their_line, own_line)
    }

    assert answers[their_line.pk] == 404
    assert answers[own_line.pk] in {200, 302}  # 302 without the PDF's libraries, with the reason


def test_what_all_programs_share_is_read_and_not_written(world: World, limited: User) -> None:
    client = logged_in(limited)
    agreement = Agreement.objects.exclude(published_at=None).earliest("pk")
    draft = next_agreement_version(agreement_id=agreement.pk, by=world.coordinator)
    hub = Hub.objects.earliest("pk")
    everywhere = "/admin/participants/agreement/"

    assert client.get(everywhere).status_code == 200
    client.post(everywhere, {"action": "publish", "_selected_action": [draft.pk], "confirmed": "yes"})
    client.post(everywhere, {"action": "copy_to_next_version", "_selected_action": [agreement.pk]})
    draft.refresh_from_db()
    assert draft.published_at is None
    assert client.post(f"{everywhere}{draft.pk}/change/", {"title": "Ours"}).status_code == 403
    assert client.get("/admin/sessions_app/hub/").status_code == 200
    assert client.post(f"/admin/sessions_app/hub/{hub.pk}/change/", {"name": "Ours"}).status_code == 403
    assert client.get("/admin/sessions_app/hub/add/").status_code == 403


def test_pseudonym_of_another_program_is_nobodys(world: World, mine: Cycle, limited: User) -> None:
    limited.user_permissions.add(Permission.objects.get(codename="link_pseudonym"))
    people = {}
    for program in (mine.program, world.running.program):
        person = make.make_user()
        ensure_pseudonyms(program_id=program.pk, participant_ids=[person.pk])
        people[program] = Pseudonym.objects.get(program=program, participant=person)
    user = User.objects.get(pk=limited.pk)

    values: dict[str, Any] = {"by": user, "reason": "The ethics board asked.", "now": timezone.now()}
    assert look_up_pseudonym(code=people[mine.program].code, **values) == people[mine.program]
    with pytest.raises(BadInputError, match="Nobody has"):
        look_up_pseudonym(code=people[world.running.program].code, **values)
    assert PseudonymLookup.objects.filter(looked_up_by=user).count() == 1


def test_library_holds_the_cases_of_ones_own_programs(world: World, limited: User) -> None:
    now = timezone.now()
    everybodys = library_of(world.coordinator, now=now)
    own = library_of(User.objects.get(pk=limited.pk), now=now)

    assert everybodys is not None
    assert everybodys.exists()
    assert own is None or not own.exists()


def test_desk_counts_what_is_of_ones_own_programs(world: World, mine: Cycle, limited: User) -> None:
    make.make_enrolment(mine, make.make_user("ann@clinic.example"))
    CategoryRequest.objects.create(profile=world.participant.profile, category="specialist", reason="I am.")
    for recipient in ("noe@clinique.example", "nobody@clinic.example"):
        queue_rendered_mail(
            key=recipient,
            kind="account",
            to=recipient,
            subject="S",
            body_text="T",
            body_html="",
            language="en",
        )
    mine_too = OutgoingMail.objects.filter(recipient__in=["noe@clinique.example", "nobody@clinic.example"])
    assert call_off_mails(mail_ids=list(mine_too.values_list("pk", flat=True)), why="a test.") == 2

    words = logged_in(limited).get("/admin/").content.decode()
    assert "did not arrive" not in words
    assert "asks for another professional category" not in words
    words = logged_in(world.coordinator).get("/admin/").content.decode()
    assert "did not arrive" in words
    assert "for another professional category" in words


def test_letter_of_another_program_is_released_by_nobody_who_is_limited(world: World, limited: User) -> None:
    assert may_release(world.case, world.coordinator)
    assert not may_release(world.case, User.objects.get(pk=limited.pk))


def test_program_is_added_by_who_works_for_all(world: World, limited: User) -> None:
    values = {"name": "Another", "slug": "another"}
    assert logged_in(limited).post("/admin/sessions_app/program/add/", values).status_code == 403
    assert logged_in(limited).get("/admin/sessions_app/program/add/").status_code == 403
    assert logged_in(world.coordinator).get("/admin/sessions_app/program/add/").status_code == 200


def test_guide_offers_no_new_program_to_who_is_limited(world: World, limited: User) -> None:
    assert "program/add/" not in logged_in(limited).get("/admin/set-up/").content.decode()
    assert "program/add/" in logged_in(world.coordinator).get("/admin/set-up/").content.decode()
