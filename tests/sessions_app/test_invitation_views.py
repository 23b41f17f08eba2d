"""The page behind an invitation's link, and the ways that lead on from it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle, Invitation
from sessions_app.services import revoke_invitations
from sessions_app.services.invitations import invitation_token
from tests.database import write
from tests.factories import make_cycle, make_enrolment, make_invitation, make_program, make_user

PASSWORD = "a walk along the Rideau 1832"


@pytest.fixture
def cycle(db: None) -> Cycle:
    """A cycle in its second week whose registration is over."""
    now = timezone.now()
    return make_cycle(
        make_program(name="Pain Rounds", slug="pain", contact_email="pain@echo.example"),
        name="This season",
        starts_on=timezone.localdate(now) - timedelta(days=9),
        ends_on=timezone.localdate(now) + timedelta(days=60),
        registration_closes_at=now - timedelta(days=2),
    )


@pytest.fixture
def ann(cycle: Cycle, coordinator: User) -> Invitation:
    return make_invitation(
        cycle,
        "ann@clinic.example",
        by=coordinator,
        invited_at=timezone.now(),
        name="Ann Lee-Ωmega",
        category="other",
        profession="registered_nurse",
        licence_number="98765432",
        practice_name="Lakeside",
        practice_city="Kingston",
        language="fr",
    )


def link(invitation: Invitation) -> str:
    return reverse("sessions_app:invitation", args=[invitation_token(invitation)])


def apply_url(invitation: Invitation) -> str:
    return reverse("sessions_app:cycle-apply", args=[invitation.cycle_id])


def way(name: str, invitation: Invitation) -> str:
    return f"{reverse(name)}?next={apply_url(invitation).replace('/', '%2F')}"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- looking --------------------------------------------------------------------------------------------------------


def test_page_says_who_invites_to_what_and_until_when(client, ann):
    response = client.get(link(ann))

    text = text_of(response)
    assert response.status_code == 200
    assert "Cora Coordinator invites you to join This season of Pain Rounds." in text
    assert "Ann Lee-Ωmega, ann@clinic.example" in text
    assert "This link works until" in text
    assert text.count('<button class="button" type="submit">Join</button>') == 1
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, ann, method):
    getattr(client, method)(link(ann))

    ann.refresh_from_db()
    assert ann.opened_at is None
    assert dict(client.session) == {}


def test_page_looks_alike_with_and_without_an_account(client, ann, cycle, coordinator):
    make_user("bo@clinic.example")
    bo = make_invitation(
        cycle, "bo@clinic.example", by=coordinator, name="Bo", invited_at=ann.invited_at, days_valid=30
    )

    pages = [
        re.sub(
            r'value="\w{64}"|/invitations/[^/]+/', "", text_of(client.get(link(invitation))).replace(who, "…")
        )
        for invitation, who in ((ann, "Ann Lee-Ωmega, ann@clinic.example"), (bo, "Bo, bo@clinic.example"))
    ]

    assert pages[0] == pages[1]


def test_link_the_portal_did_not_make_is_not_found(client, ann):
    token = invitation_token(ann)

    for forged in (token[:-1], f"{ann.pk}.x", "x", f"{ann.pk + 1}.{token.split('.')[1]}"):
        url = reverse("sessions_app:invitation", args=[forged])
        for response in (client.get(url), client.post(url)):
            assert response.status_code == 404
            assert "This link does not work" in text_of(response)
            assert "ann@clinic.example" not in text_of(response)


@pytest.mark.parametrize("why", ["expired", "revoked", "closed", "planned", "over"])
def test_link_that_is_over_says_what_to_do(client, ann, cycle, coordinator, why):
    if why == "expired":
        write(ann, invited_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    elif why == "revoked":
        revoke_invitations(invitation_ids=[ann.pk], by=coordinator, now=timezone.now())
    elif why == "over":
        write(cycle, ends_on=timezone.localdate() - timedelta(days=1))
    else:
        closed = {"closed_at": timezone.now()} if why == "closed" else {}
        write(cycle, status=why, **closed)

    for response in (client.get(link(ann)), client.post(link(ann))):
        assert response.status_code == 410
        assert "pain@echo.example" in text_of(response)
        assert "ann@clinic.example" not in text_of(response)
    ann.refresh_from_db()
    assert ann.opened_at is None


# --- joining without an account -------------------------------------------------------------------------------------


def test_join_leads_to_a_sign_up_without_a_code_and_on_to_the_application(client, ann):
    joined = client.post(link(ann))

    assert joined["Location"] == way("account_signup", ann)
    ann.refresh_from_db()
    assert ann.opened_at is not None
    assert 'value="ann@clinic.example"' in client.get(joined["Location"]).content.decode()

    done = client.post(
        joined["Location"],
        {"email": ann.email, "password1": PASSWORD, "next": apply_url(ann)},
    )

    assert done["Location"] == apply_url(ann)
    user = User.objects.get(email=ann.email)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, ann.email, True, True)
    ]
    assert not OutgoingMail.objects.filter(is_secret=True).exists()
    profile = client.get(apply_url(ann), follow=True)
    assert profile.redirect_chain[-1][0].startswith(reverse("participants:profile-edit"))
    words = profile.content.decode()
    for value in ("Ann Lee-Ωmega", "98765432", "Lakeside", "Kingston"):
        assert f'value="{value}"' in words
    assert profile.context["form"].initial["profession"] == "registered_nurse"
    assert profile.context["form"].initial["language"] == "fr"


def test_another_address_at_sign_up_needs_its_code_and_gets_nothing_of_the_invitation(client, ann):
    signup = client.post(link(ann))["Location"]

    done = client.post(signup, {"email": "eve@else.example", "password1": PASSWORD})

    assert done["Location"] == reverse("account_email_verification_sent")
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("eve@else.example", False)]
    assert OutgoingMail.objects.get(is_secret=True).recipient == "eve@else.example"
    assert "invited_profile" not in client.session
    assert not client.session.get("account_verified_email")


def test_somebody_else_who_logs_in_on_the_same_computer_sees_nothing_of_the_invitation(client, ann):
    make_user("bo@clinic.example", password=PASSWORD)
    EmailAddress.objects.create(
        user=User.objects.get(email="bo@clinic.example"),
        email="bo@clinic.example",
        verified=True,
        primary=True,
    )
    client.post(link(ann))

    client.post(reverse("account_login"), {"login": "bo@clinic.example", "password": PASSWORD})

    assert "_auth_user_id" in client.session
    for key in ("invited_profile", "invited_email", "account_verified_email"):
        assert key not in client.session


def test_second_invitation_replaces_what_the_first_left(client, ann, cycle, coordinator):
    bo = make_invitation(cycle, "bo@clinic.example", by=coordinator, invited_at=timezone.now(), name="Bo")
    client.post(link(ann))

    client.post(link(bo))

    assert client.session["invited_profile"]["legal_name"] == "Bo"
    assert client.session["account_verified_email"] == "bo@clinic.example"


# --- joining with an account ----------------------------------------------------------------------------------------


def test_join_with_an_account_leads_to_log_in_with_the_address_filled_in(client, ann):
    user = make_user(ann.email, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=ann.email, verified=True, primary=True)

    joined = client.post(link(ann))

    assert joined["Location"] == way("account_login", ann)
    assert "account_verified_email" not in client.session
    for name in ("account_login", "account_request_login_code"):
        assert 'value="ann@clinic.example"' in client.get(reverse(name)).content.decode()
    done = client.post(joined["Location"], {"login": ann.email, "password": PASSWORD, "next": apply_url(ann)})
    assert done["Location"] == apply_url(ann)
    assert client.get(apply_url(ann)).context["is_open"]


@pytest.mark.parametrize("how", ["login", "address", "matched"])
def test_the_person_who_is_logged_in_goes_straight_on(client, ann, how):
    user = make_user(ann.email if how == "login" else "ann@home.example")
    if how == "address":
        EmailAddress.objects.create(user=user, email=ann.email, verified=True)
    elif how == "matched":
        write(ann, account=user)
    client.force_login(user)

    assert "Log out and come back" not in text_of(client.get(link(ann)))
    assert client.post(link(ann))["Location"] == apply_url(ann)


def test_somebody_else_who_is_logged_in_is_told_so_and_can_log_out(client, ann):
    other = make_user("otto@elsewhere.example")
    # An address that is not confirmed opens nothing.
    EmailAddress.objects.create(user=other, email=ann.email, verified=False)
    client.force_login(other)

    page, refused = client.get(link(ann)), client.post(link(ann))

    assert (page.status_code, refused.status_code) == (200, 403)
    for response in (page, refused):
        assert "You are logged in as otto@elsewhere.example" in text_of(response)
        assert ">Join<" not in text_of(response)
    ann.refresh_from_db()
    assert ann.opened_at is None
    out = client.post(reverse("account_logout"), {"next": link(ann)})
    assert out["Location"] == link(ann)
    assert ">Join<" in text_of(client.get(out["Location"]))


def test_invited_who_applies_is_matched_and_approved_in_advance(client, ann, cycle):
    write(ann, is_preapproved=True)
    user = make_user(ann.email)
    EmailAddress.objects.create(user=user, email=ann.email, verified=True, primary=True)
    client.force_login(user)

    assert "You are approved in advance" in text_of(client.get(link(ann)))
    done = client.post(apply_url(ann), {})

    assert done["Location"] == reverse("credits:cycle-detail", args=[cycle.pk])
    ann.refresh_from_db()
    assert ann.account == user
    assert cycle.enrolments.get().status == "approved"


def test_link_of_somebody_in_the_cycle_leads_to_where_they_stand(client, ann, cycle):
    user = make_user(ann.email)
    make_enrolment(cycle, user)
    client.force_login(user)

    assert "You have applied to this cycle already." in text_of(client.post(link(ann), follow=True))
