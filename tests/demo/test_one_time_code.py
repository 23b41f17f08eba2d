"""The command that stands in for the phone of people who do not exist."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import give_second_factor, make_user, totp_code

pytestmark = pytest.mark.django_db


def printed(email: str) -> str:
    call_command("one_time_code", email, stdout=(out := StringIO()))
    return out.getvalue()


def test_code_is_the_one_an_app_would_show() -> None:
    seed = give_second_factor(make_user("cora@echo.example"))
    before = totp_code(seed)

    shown = printed("Cora@echo.example")

    assert shown in {f"{before}\n", f"{totp_code(seed)}\n"}


def test_production_prints_no_code(settings) -> None:
    give_second_factor(make_user("cora@echo.example"))
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="ECHO_ENV is production"):
        printed("cora@echo.example")


@pytest.mark.parametrize(
    ("email", "reason"),
    [("ann@clinic.example", "no authenticator app"), ("nobody@clinic.example", "No account")],
)
def test_account_without_an_app_is_named(email: str, reason: str) -> None:
    make_user("ann@clinic.example")

    with pytest.raises(CommandError, match=reason):
        printed(email)


def test_code_that_no_key_opens_is_said(settings) -> None:
    give_second_factor(make_user("cora@echo.example"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []

    with pytest.raises(CommandError, match="key was changed"):
        printed("cora@echo.example")
