"""Another category after credit was earned: refused to oneself, asked for, decided, told; and the pages of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from core.errors import BadInputError, MoveRefusedError
from outbox.models import OutgoingMail
from participants.enums import Category, Profession
from participants.models import CategoryRequest, User
from participants.queries import is_category_fixed
from participants.services import ask_for_category, decide_category, save_profile
from tests import factories as make
from tests.clock import toronto
from tests.database import refused_by, write
from tests.history import audit_row
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2026, 1, 15, 9)
GRANTED, REFUSED = CategoryRequest.Status.GRANTED, CategoryRequest.Status.REFUSED
PAGE = "/profile/category/"


@pytest.fixture
def earner(family_physician: User) -> User:
    """Was in a session."""
    enrolment = make.make_enrolment(make.make_cycle(sessions=1), family_physician)
    make.make_attendance(enrolment, enrolment.cycle.sessions.get())
    return family_physician


def ask(user: User, **changes: Any) -> CategoryRequest:
    values = {"category": Category.SPECIALIST, "profession": "", "reason": "I finished my residency."}
    return ask_for_category(user=user, by=user, now=NOW, **(values | changes))


# --- what fixes a category ------------------------------------------------------------------------------------------


def test_category_is_free_until_something_is_earned(family_physician: User) -> None:
    assert not is_category_fixed(family_physician)
    enrolment = make.make_enrolment(make.make_cycle(sessions=2), family_physician)
    first, second = enrolment.cycle.sessions.all()
    make.make_attendance(enrolment, first, minutes=0)
    make.make_attendance(enrolment, second, is_guest=True)
    assert not is_category_fixed(family_physician)


def test_category_is_free_when_the_session_was_cancelled(earner: User) -> None:
    assert is_category_fixed(earner)
    enrolment = earner.enrolments.get()
    enrolment.attendances.update(session=make.make_session(enrolment.cycle, week=1, status="cancelled"))
    assert not is_category_fixed(earner)


@pytest.mark.parametrize(
    ("status", "is_fixed"), [("issued", True), ("pending", True), ("revoked", True), ("failed", False)]
)
def test_a_certificate_fixes_the_category(family_physician: User, status: str, is_fixed: bool) -> None:
    enrolment = make.make_enrolment(make.make_cycle(), family_physician)
    make.make_certificate(enrolment, make.make_accreditation(enrolment.cycle.program), status=status)

    assert is_category_fixed(family_physician) is is_fixed


def test_what_somebody_else_earned_fixes_nothing(earner: User, specialist: User) -> None:
    assert not is_category_fixed(specialist)


def test_save_profile_refuses_another_category_once_something_was_earned(earner: User) -> None:
    values = {"category": Category.SPECIALIST, "legal_name": "Fatima Roy"}

    with pytest.raises(MoveRefusedError, match="Ask a coordinator"):
        save_profile(user=earner, by=earner, values=values)

    earner.profile.refresh_from_db()
    assert (earner.profile.category, earner.profile.legal_name) == ("family_physician", "Fatima Al-Sayed, MD")
    save_profile(user=earner, by=earner, values=values | {"category": Category.FAMILY_PHYSICIAN})
    earner.profile.refresh_from_db()
    assert earner.profile.legal_name == "Fatima Roy"


def test_profession_within_the_category_stays_free(nurse_practitioner: User) -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1), nurse_practitioner)
    make.make_attendance(enrolment, enrolment.cycle.sessions.get())

    saved = save_profile(
        user=nurse_practitioner, by=nurse_practitioner, values={"profession": Profession.MIDWIFE}
    )

    assert saved.profession == Profession.MIDWIFE


# --- asking and deciding --------------------------------------------------------------------------------------------


def test_asking_twice_is_asking_once(earner: User) -> None:
    first, second = ask(earner), ask(earner, reason="As I said.")

    assert first == second
    assert (first.reason, first.status, first.asked_at) == ("I finished my residency.", "open", NOW)
    assert audit_row(first, "insert") == ("category.ask", earner.pk, "")


def test_another_wish_waits_until_the_first_is_decided(earner: User, coordinator: User) -> None:
    first = ask(earner)
    midwife = {"category": Category.OTHER, "profession": Profession.MIDWIFE}
    with pytest.raises(MoveRefusedError, match="asked already"):
        ask(earner, **midwife)

    decide_category(request_id=first.pk, to=REFUSED, by=coordinator, now=NOW)

    assert ask(earner, **midwife) != first


@pytest.mark.parametrize(
    "changes", [{"reason": ""}, {"reason": " \n "}, {"category": Category.FAMILY_PHYSICIAN}]
)
def test_a_wish_needs_a_reason_and_a_difference(earner: User, changes: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        ask(earner, **changes)

    assert not CategoryRequest.objects.exists()


def test_granting_changes_the_profile_and_tells_its_owner(earner: User, coordinator: User) -> None:
    asked = ask(earner, category=Category.OTHER, profession=Profession.MIDWIFE)

    for _time in range(2):
        decided = decide_category(request_id=asked.pk, to=GRANTED, by=coordinator, now=NOW)

    earner.profile.refresh_from_db()
    assert (earner.profile.category, earner.profile.profession) == ("other", "midwife")
    assert (decided.status, decided.decided_by, decided.decided_at) == ("granted", coordinator, NOW)
    assert audit_row(earner.profile, "update") == ("category.granted", coordinator.pk, "")
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == (earner.email, "Your professional category is changed")
    assert "“Other health professional”" in mail.body_text
    assert mail.body_text.startswith("Hello Fatima,\n\n")


def test_refusing_leaves_the_profile_and_tells_its_owner(earner: User, coordinator: User) -> None:
    asked = ask(earner)

    decide_category(request_id=asked.pk, to=REFUSED, by=coordinator, now=NOW)

    earner.profile.refresh_from_db()
    assert earner.profile.category == "family_physician"
    assert OutgoingMail.objects.get().subject == "Your professional category stays as it is"


def test_what_is_decided_stays_decided(earner: User, coordinator: User) -> None:
    asked = ask(earner)
    decide_category(request_id=asked.pk, to=REFUSED, by=coordinator, now=NOW)

    with pytest.raises(MoveRefusedError, match="decided already"):
        decide_category(request_id=asked.pk, to=GRANTED, by=coordinator, now=NOW)
    with pytest.raises(BadInputError):
        decide_category(request_id=asked.pk, to=CategoryRequest.Status.OPEN, by=coordinator, now=NOW)

    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_windows_that_ask_at_once_ask_once() -> None:
    user = make.make_user()

    results = at_once([partial(ask, user)] * THREADS)

    assert {asked.pk for asked in results} == {CategoryRequest.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_make_one_decision() -> None:
    user, coordinator = make.make_user(), make.make_user(is_staff=True)
    asked = ask(user)

    results = at_once(
        [
            partial(decide_category, request_id=asked.pk, to=to, by=coordinator, now=NOW)
            for to in (GRANTED, REFUSED) * 5
        ]
    )

    asked.refresh_from_db()
    refused = [result for result in results if isinstance(result, MoveRefusedError)]
    assert len(refused) == 5
    assert OutgoingMail.objects.count() == 1
    user.profile.refresh_from_db()
    assert user.profile.category == ("specialist" if asked.status == GRANTED else "family_physician")


# --- what the database refuses --------------------------------------------------------------------------------------


def test_one_request_is_open_at_a_time(earner: User) -> None:
    ask(earner)

    with refused_by("participants_categoryrequest_one_open"):
        CategoryRequest.objects.create(profile=earner.profile, category=Category.SPECIALIST, reason="Again.")


@pytest.mark.parametrize(
    ("category", "profession"),
    [("specialist", "midwife"), ("other", ""), ("other", "astronaut"), ("wizard", "")],
)
def test_profession_of_a_request_goes_with_its_category(earner: User, category: str, profession: str) -> None:
    with refused_by("participants_categoryrequest_profession_fits"):
        write(ask(earner), category=category, profession=profession)


@pytest.mark.parametrize("change", [{"status": "granted"}, {"decided_at": NOW}, {"status": "lost"}])
def test_a_decision_has_a_time_and_somebody_who_made_it(earner: User, change: dict[str, Any]) -> None:
    with refused_by("participants_categoryrequest_decided_has_actor"):
        write(ask(earner), **change)


@pytest.mark.parametrize("prefix", ["K7", "k7l", "D7L", "KOL", "K7O"])
def test_postal_prefix_is_the_first_half_of_a_code(family_physician: User, prefix: str) -> None:
    with refused_by("participants_profile_postal_prefix"):
        write(family_physician.profile, postal_prefix=prefix)


@pytest.mark.parametrize("year", [1939, 2101])
def test_practising_since_is_a_year_of_a_working_life(family_physician: User, year: int) -> None:
    with refused_by("participants_profile_practising_since"):
        write(family_physician.profile, practising_since=year)


# --- the pages ------------------------------------------------------------------------------------------------------


def test_profile_shows_the_fixed_category_and_leads_to_the_request(client: Any, earner: User) -> None:
    client.force_login(earner)

    html = client.get("/profile/").content.decode()
    assert 'name="category"' not in html
    assert f'href="{PAGE}"' in html

    response = client.post(PAGE, {"category": "specialist", "reason": "I finished my residency."})
    assert response["Location"] == "/profile/"
    html = client.get("/profile/").content.decode()
    assert f'href="{PAGE}"' not in html.partition("<main")[2]
    assert "you asked to be counted as “Specialist physician”" in html
    html = client.get(PAGE).content.decode()
    assert "you asked to be counted as “Specialist physician”" in html
    assert 'name="reason"' not in html


def test_forged_category_in_the_profile_is_passed_over(client: Any, earner: User) -> None:
    client.force_login(earner)

    client.post("/profile/", {"legal_name": "Fatima Roy", "category": "specialist", "language": "en"})

    earner.profile.refresh_from_db()
    assert (earner.profile.legal_name, earner.profile.category) == ("Fatima Roy", "family_physician")


def test_request_without_a_reason_is_given_back(client: Any, earner: User) -> None:
    client.force_login(earner)

    response = client.post(PAGE, {"category": "other", "profession": "midwife"})

    assert response.status_code == 422
    assert "<title>Error: " in response.content.decode()
    assert '<option value="midwife" selected>' in response.content.decode()


def test_second_request_from_another_window_changes_nothing(client: Any, earner: User) -> None:
    client.force_login(earner)
    ask(earner)

    response = client.post(PAGE, {"category": "other", "profession": "midwife", "reason": "No, this."})

    assert response.status_code == 200
    assert CategoryRequest.objects.get().category == "specialist"


def test_who_has_earned_nothing_is_led_to_the_profile(client: Any, family_physician: User) -> None:
    client.force_login(family_physician)

    assert client.get(PAGE)["Location"] == "/profile/"


# --- the administration ---------------------------------------------------------------------------------------------
LIST = "/admin/participants/categoryrequest/"


@pytest.mark.parametrize(("action", "status"), [("grant", "granted"), ("refuse", "refused")])
def test_coordinator_decides_in_the_list(
    client: Any, earner: User, coordinator: User, action: str, status: str
) -> None:
    asked = ask(earner)
    client.force_login(coordinator)
    assert "Specialist physician" in client.get(LIST).content.decode()

    client.post(LIST, {"confirmed": "yes", "action": action, "_selected_action": asked.pk})

    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == (status, coordinator)
    response = client.post(
        LIST, {"confirmed": "yes", "action": "grant", "_selected_action": asked.pk}, follow=True
    )
    assert ("decided already" in response.content.decode()) is (status == "refused")


def test_who_may_only_look_cannot_decide(client: Any, earner: User) -> None:
    asked = ask(earner)
    looker = make.make_user(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_categoryrequest"))
    client.force_login(looker)

    page = client.get(LIST)
    client.post(LIST, {"confirmed": "yes", "action": "grant", "_selected_action": asked.pk})

    assert page.status_code == 200
    assert 'value="grant"' not in page.content.decode()
    asked.refresh_from_db()
    assert asked.status == "open"


def test_coordinator_mends_a_category_directly(client: Any, earner: User, coordinator: User) -> None:
    client.force_login(coordinator)
    url = f"/admin/participants/profile/{earner.profile.pk}/change/"
    assert "accessibility needs" in client.get(url).content.decode().lower()

    response = client.post(url, {"legal_name": "Fatima Al-Sayed", "category": "specialist", "language": "en"})

    assert response.status_code == 302, response.content.decode()
    earner.profile.refresh_from_db()
    assert earner.profile.category == "specialist"


def test_accessibility_needs_are_read_in_the_profile_alone(
    client: Any, earner: User, coordinator: User
) -> None:
    write(earner.profile, accessibility_needs="Captions, please.")
    client.force_login(coordinator)

    for page in ("profile/", "user/", f"user/{earner.pk}/change/", "categoryrequest/"):
        assert "Captions, please." not in client.get(f"/admin/participants/{page}").content.decode(), page
