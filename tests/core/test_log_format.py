from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from cases.models import CaseText
from core.log_format import DiscreetFormatter
from tests.factories import make_case

SECRET = "Halina Wojcik, HCN 1234567897"


def logged(deed: Callable[[], object], message: str = "It failed.") -> tuple[str, BaseException]:
    """What the log holds after `deed` has failed, and with what; a %s of the message is the exception."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whichever the test is about
        deed()
    arguments = (caught.value,) if "%s" in message else ()
    where = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("portal", logging.ERROR, __file__, 1, message, arguments, where)
    return DiscreetFormatter("%(levelname)s %(message)s").format(record), caught.value


@pytest.mark.django_db
def test_row_that_a_constraint_refuses_is_not_quoted():
    case = make_case(content={"pain_history": SECRET})

    @transaction.atomic
    def save() -> None:
        CaseText.objects.filter(case=case).update(revision=-1)

    line, error = logged(save, "Saving failed: %s")

    assert SECRET in str(error)  # the driver quotes the row
    assert SECRET not in line
    assert "Traceback" in line
    assert "SQLSTATE 23514, cases_casetext_revision_check" in line


@pytest.mark.django_db
def test_statement_that_is_not_understood_is_not_quoted_behind_another_exception_either():
    def save() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT %s::int", [SECRET])
        except DatabaseError as error:
            raise RuntimeError("while saving") from error

    line, _error = logged(save)

    assert SECRET not in line
    assert "RuntimeError: while saving" in line
    assert "SQLSTATE 22P02" in line


def test_text_that_cannot_be_encoded_is_not_quoted():
    line, _error = logged(f"{SECRET} \ud800".encode)

    assert SECRET not in line
    assert "UnicodeEncodeError" in line


def test_other_exceptions_are_written_as_they_are():
    line, _error = logged([].pop, "No: %s")

    assert line.startswith("ERROR No: pop from empty list\nTraceback")
    assert line.endswith("IndexError: pop from empty list")


def test_record_without_an_exception_is_a_plain_line():
    record = logging.LogRecord("portal", logging.INFO, __file__, 1, "Sent %d.", (3,), None)

    assert DiscreetFormatter("%(levelname)s %(message)s").format(record) == "INFO Sent 3."


@pytest.mark.parametrize(
    "key", ["/invitations/AbC.d-e:f/", "/calendar/K3Y.ics", "/accounts/confirm-email/MQ:1x/"]
)
def test_no_key_of_an_address_stands_in_the_log(key):
    record = logging.LogRecord("django.request", logging.WARNING, "x", 1, "Gone: %s", (key,), None)

    line = DiscreetFormatter("%(message)s").format(record)

    assert line.startswith(f"Gone: /{key.split('/')[1]}/")
    assert key not in line
