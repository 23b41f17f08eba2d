from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessions_app.reports import (
    ERROR_CODES,
    MAX_BYTES,
    MAX_ROWS,
    PROBLEM_CODES,
    Connection,
    Report,
    ReportError,
    minutes_of,
    read_report,
)
from sessions_app.reports.times import TORONTO, read_minutes, read_time

STARTS_AT = datetime(2026, 4, 8, 12, 30, tzinfo=TORONTO)
ENDS_AT = datetime(2026, 4, 8, 14, 0, tzinfo=TORONTO)


def read(content: bytes | str) -> Report:
    content = content.encode() if isinstance(content, str) else content
    return read_report(content, starts_at=STARTS_AT, ends_at=ENDS_AT)


def minutes_by_name(content: bytes | str, *, by: str = "name") -> dict[str, int]:
    """Minutes of each name or address in the report."""
    found: dict[str, list[Connection]] = {}
    for each in read(content).connections:
        found.setdefault(getattr(each, by), []).append(each)
    return {who: minutes_of(lines, starts_at=STARTS_AT, ends_at=ENDS_AT) for who, lines in found.items()}


def code_of(content: bytes | str) -> str:
    with pytest.raises(ReportError) as caught:
        read(content)
    assert caught.value.code in ERROR_CODES
    return caught.value.code


# --- addresses and minutes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "email,minutes\nann@x.example,90\nbo@x.example,45\n",
        "email,minutes\r\nann@x.example,90\r\nbo@x.example,45\r\n",
        "email,minutes\rann@x.example,90\rbo@x.example,45\r",
        "email;minutes\nann@x.example;90\nbo@x.example;45\n",
        "email\tminutes\nann@x.example\t90\nbo@x.example\t45\n",
        "\ufeffemail,minutes\nann@x.example,90\nbo@x.example,45\n",
        "sep=;\nemail;minutes\nann@x.example;90\nbo@x.example;45\n",
        '\ufeff"sep=;"\r\nemail;minutes\r\nann@x.example;90\r\nbo@x.example;45\r\n',
        '"email","minutes"\n"ann@x.example","90"\n"bo@x.example","45"\n',
        "Name,Email Address,Duration (Minutes)\nAnn,ann@x.example,90\nBo,bo@x.example,45\n",
        "Minutes,E-mail\n90,ann@x.example\n45,bo@x.example\n",
        "Courriel;Durée (minutes)\nann@x.example;90\nbo@x.example;45\n",
        "Nom;Prénom;Adresse courriel;Durée totale (minutes)\nLee;Ann;ann@x.example;90,0\nChan;Bo;bo@x.example;45,4\n",
        # Titles above the header, and lines that hold nothing, are passed over; so are blanks and the case.
        "\n\nAttendance of April\n EMAIL , MINUTES \n\n Ann@X.Example , 90 \n,\nbo@x.example,45",
        # Names with commas, semicolons and apostrophes, as spreadsheets quote them.
        "name,email,minutes\n\"O'Neil, Ann; RN\",ann@x.example,90\n't Hart,bo@x.example,45\n",
        "name,email,minutes\nAnn 'Nan' O'Neil,ann@x.example,90\nBo \"Bee\" D'Arcy,bo@x.example,45\n",
        # The separator of the header is the separator of the file, whatever the cells hold more of.
        "email;minutes;note\nann@x.example;90;a, b, c, d\nbo@x.example;45;e, f, g, h\n",
        'email,minutes,note\nann@x.example,90,"said ""hello"";\nleft"\nbo@x.example,45,\n',
        "Email,Duration\nann@x.example,1h 30m 0s\nbo@x.example,45 min\n",
        "Email,Duration\nann@x.example,1 h 30 min 5 s\nbo@x.example,0:45:59\n",
        "email,minutes\nann@x.example,60\nbo@x.example,45\nann@x.example,30\n",
        "email,minutes\nann@x.example,118\nbo@x.example,45\n",
    ],
)
def test_tables_of_addresses_and_minutes_are_read(content):
    assert minutes_by_name(content, by="email") == {"ann@x.example": 90, "bo@x.example": 45}
    report = read(content)
    assert (report.kind, report.is_timed, report.held_on, report.problems) == ("generic", False, None, ())


def test_a_report_in_the_old_windows_encoding_is_read():
    content = "nom;courriel;durée\nHélène Côté;helene@x.example;90\n".encode("cp1252")

    assert [(each.name, each.minutes) for each in read(content).connections] == [("Hélène Côté", 90)]


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("90", 90), ("0", 0), ("1.5", 1.5), ("1,5", 1.5), ("90 min", 90), ("1:30:00", 90),
        ("1h 49m 31s", 109 + 31 / 60),
        ("1 h 29 min 0 s", 89), ("1h29m", 89), ("45s", 0.75), ("1 hr 5 min", 65), ("1 heure 5 minutes", 65),
        ("2h", 120),
        ("1\u00a0h 5\u00a0min", 65),
        ("", None), ("-1", None), ("NaN", None), ("١٢", None), ("²", None), ("1e2", None), ("+90", None),
        ("1:30", None),
        ("99999", None), ("ninety", None), ("h", None),
    ],
)  # fmt: skip
def test_durations_are_read_in_minutes(written, minutes):
    assert read_minutes(written) == (pytest.approx(minutes) if minutes is not None else None)


# --- Zoom -----------------------------------------------------------------------------------------------------------

ZOOM_BLOCK = (
    "\ufeffMeeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\r\n"
    '824 5555 0102,"Pain, Case Rounds",04/08/2026 12:11:40 PM,04/08/2026 02:09:12 PM,host@x.example,118,3,\r\n\r\n'
)


def test_zoom_reports_with_a_meeting_block_are_read():
    content = ZOOM_BLOCK + (
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent\r\n"
        "Ann Lee,ANN@x.example ,04/08/2026 12:28:30 PM,04/08/2026 01:02:10 PM,34,Yes,Y\r\n"
        "Ann Lee,ann@x.example,04/08/2026 12:58:00 PM,04/08/2026 01:31:00 PM,33,Yes,Y\r\n"
        '"Chan, Bo",,04/08/2026 01:59:00 PM,04/08/2026 02:08:00 PM,9,Yes,\r\n'
    )
    report = read(content)

    assert (report.kind, report.is_timed, report.meeting_id) == ("zoom", True, "82455550102")
    assert report.held_on == date(2026, 4, 8)
    assert minutes_by_name(content) == {"Ann Lee": 61, "Chan, Bo": 1}
    assert [each.line for each in report.connections] == [5, 6, 7]
    assert report.connections[0].email == "ann@x.example"


@pytest.mark.parametrize(
    ("joined", "left"),
    [
        ("04/08/2026 12:45:00 PM", "04/08/2026 01:30:00 PM"),
        ("04/08/2026 12:45 PM", "04/08/2026 01:30 PM"),
        ("4/8/26, 12:45:00 PM", "4/8/26, 1:30:00 PM"),
        ("4/8/2026, 12:45:00\u202fPM", "4/8/2026, 1:30:00\u202fPM"),
        ("08/04/2026 12:45:00", "08/04/2026 13:30:00"),
        ("08.04.2026 12:45", "08.04.2026 13:30"),
        ("08-04-2026 12:45", "08-04-2026 13:30"),
        ("2026-04-08 12:45:00", "2026-04-08 13:30:00"),
        ("2026/04/08 12:45", "2026/04/08 13:30"),
        ("2026-04-08T12:45:00-04:00", "2026-04-08T13:30:00-04:00"),
        ("2026-04-08T16:45:00Z", "2026-04-08T17:30:00.000Z"),
        ("2026-04-08 16:45 UTC", "2026-04-08 17:30 GMT"),
        ("2026-04-08 12:45 EDT", "2026-04-08 13:30 HAE"),
        ("2026-04-08 12:45:00 p.m.", "2026-04-08 1:30:00 p.m."),
        ("2026-04-08 12:45 p. m.", "2026-04-08 1:30 p. m."),
        ("2026-04-08 12 h 45", "2026-04-08 13 h 30"),
        ("2026-04-08, 12 h 45 min 00 s", "2026-04-08, 13 h 30 min 00 s"),
        ('"Apr 8, 2026 12:45 PM"', '"Apr 8, 2026 1:30 PM"'),
        ('"Apr 8, 2026 12:45:00"', '"Apr 8, 2026 13:30:00"'),
        ('"Wednesday, April 8, 2026 12:45 PM"', '"Wednesday, April 8, 2026 at 1:30 PM"'),
        ("8 avril 2026 12:45", "8 avr. 2026 à 13:30"),
        ("8-Apr-2026 12:45", "8-Apr-26 13:30"),
        ("12:45", "13:30"),
        ("12:45 PM", "1:30 PM"),
    ],
)
def test_times_are_read_however_they_are_written(joined, left):
    joined, left = (f'"{each}"' if each[0] != '"' else each for each in (joined, left))
    content = f"Name (original name),Email,Join time,Leave time\nAnn Lee,,{joined},{left}\n"
    [connection] = read(content).connections

    assert connection.interval is not None
    assert connection.interval.joined_at == datetime(2026, 4, 8, 12, 45, tzinfo=TORONTO)
    assert connection.interval.left_at == datetime(2026, 4, 8, 13, 30, tzinfo=TORONTO)


@pytest.mark.parametrize(
    "written",
    ["", "noon", "12", "2026", "25:00", "12:60", "2026-04-08 12:45 PST", "32 foo 2026", "1:2:3", "x" * 500],
)
def test_what_is_no_time_is_none(written):
    assert read_time(written) is None


@pytest.mark.parametrize(
    ("header", "date_written", "day"),
    [
        ("Join time,Leave time", "04/08/2026", (2026, 4, 8)),
        ("Join time,Leave time", "08/04/2026", (2026, 4, 8)),
        ("Heure d’arrivée,Heure de départ", "08/04/2026", (2026, 4, 8)),
        ("Heure d’arrivée,Heure de départ", "04/08/2026", (2026, 4, 8)),
        # Where neither reading is the session's day, the language of the header tells, or the only day that exists.
        ("Join time,Leave time", "05/06/2026", (2026, 5, 6)),
        ("Heure d’arrivée,Heure de départ", "05/06/2026", (2026, 6, 5)),
        ("Join time,Leave time", "25/06/2026", (2026, 6, 25)),
        ("Heure d’arrivée,Heure de départ", "06/25/2026", (2026, 6, 25)),
    ],
)
def test_day_and_month_are_told_apart_by_the_session(header, date_written, day):
    content = f"Email,{header}\nann@x.example,{date_written} 12:45,{date_written} 13:00\n"

    if date(*day) == date(2026, 4, 8):
        assert read(content).held_on == date(*day)
    else:
        with pytest.raises(ReportError) as caught:
            read(content)
        assert (caught.value.code, caught.value.detail) == ("wrong_date", date(*day).isoformat())


def test_french_zoom_reports_are_read_without_the_waiting_room():
    content = (
        "\ufeffN° de réunion,Sujet,Heure de début,Heure de fin,Adresse e-mail de l’utilisateur,Durée (minutes)\r\n"
        '875 5555 0105,"Santé, volet 2",08/04/2026 12:20:03,08/04/2026 14:05:44,host@x.example,106\r\n\r\n'
        "Nom (nom original),Adresse e-mail de l’utilisateur,Heure d’arrivée,Heure de départ,Durée (minutes),Invité,"
        "Salle d’attente\r\n"
        "Zoé Roy,zoe@x.example,08/04/2026 12:25:00,08/04/2026 12:40:00,15,Oui,Oui\r\n"
        "Zoé Roy,zoe@x.example,08/04/2026 12:40:00,08/04/2026 13:00:00,20,Oui,Non\r\n"
    )
    report = read(content)

    assert (report.kind, report.meeting_id) == ("zoom", "87555550105")
    assert minutes_by_name(content) == {"Zoé Roy": 20}


def test_zoom_webinars_are_read_in_all_their_sections():
    content = (
        "\ufeffAttendee Report\n"
        'Report Generated:,"Apr 9, 2026 9:15 AM"\n'
        "Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers\n"
        '"Pain, 2026",858 5555 0109,"Apr 8, 2026 12:10 PM",118,4,0,3\n'
        "Host Details,\n"
        "Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest\n"
        'Yes,CPD Office,host@x.example,"Apr 8, 2026 12:10:00","Apr 8, 2026 14:08:00",118,No\n'
        "Attendee Details,\n"
        "Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Approval Status,Join Time,"
        "Leave Time,Time in Session (minutes),Is Guest,How many years?\n"
        'Yes,Ann L,Ann,Lee,ann@x.example,"Apr 1, 2026 10:00:00",approved,"Apr 8, 2026 12:20:00","Apr 8, 2026 13:00:00",'
        "40,Yes,12\n"
        'No,Bo Chan,Bo,Chan,bo@x.example,"Apr 1, 2026 10:00:00",approved,--,--,--,--,3\n'
        "Other Attended\n"
        "User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name\n"
        '17055550134,"Apr 8, 2026 12:30:00","Apr 8, 2026 12:40:00",10,Canada\n'
    )

    assert minutes_by_name(content) == {"CPD Office": 90, "Ann L": 30, "17055550134": 10}
    assert read(content).meeting_id == "85855550109"
    assert read(content).problems == ()


def test_reports_with_the_meeting_on_every_line_take_the_address_of_the_person():
    content = (
        "Topic,ID,Host name,Host email,Start time,End time,Participants,Name (original name),Email,Join time,"
        "Leave time\n"
        "Pain,82455550102,Host,host@x.example,2026-04-08 12:00,2026-04-08 14:10,2,Ann,ann@x.example,"
        "2026-04-08 12:30,2026-04-08 13:00\n"
    )

    assert minutes_by_name(content, by="email") == {"ann@x.example": 30}


# --- Teams ----------------------------------------------------------------------------------------------------------

TEAMS = (
    "1. Summary\r\nMeeting title\tPain Update\r\n"
    "Start time\t4/8/26, 12:15:00 PM\r\nEnd time\t4/8/26, 2:04:31 PM\r\n\r\n"
    "2. Participants\r\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\r\n"
    "Lee, Ann\t4/8/26, 12:45:30 PM\t4/8/26, 1:45:00 PM\t30m 0s\tann@x.example\tann@clinic.example\tPresenter\r\n"
    "Bo Chan\t4/8/26, 1:59:00 PM\t4/8/26, 2:03:00 PM\t4m 0s\t\tbo@clinic.example\tAttendee\r\n"
    "Cy Roy (Guest)\t4/8/26, 12:31:00 PM\t4/8/26, 2:00:00 PM\t1h 29m 0s\t\t\tAttendee\r\n\r\n"
    "3. In-Meeting Activities\r\n"
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\r\n"
    "Lee, Ann\t4/8/26, 12:45:30 PM\t4/8/26, 1:00:30 PM\t15m 0s\tann@x.example\tPresenter\r\n"
    "Lee, Ann\t4/8/26, 1:30:00 PM\t4/8/26, 1:45:00 PM\t15m 0s\tann@x.example\tPresenter\r\n"
    "Bo Chan\t4/8/26, 1:59:00 PM\t4/8/26, 2:03:00 PM\t4m 0s\t\tAttendee\r\n"
    "Cy Roy (Guest)\t4/8/26, 12:31:00 PM\t4/8/26, 2:00:00 PM\t1h 29m 0s\t\tAttendee\r\n"
)
TEAMS_FR = (
    "1. Récapitulatif\r\nTitre de la réunion\tDouleur\r\nHeure de début\t2026-04-08, 12:15:00\r\n\r\n"
    "2. Participants\r\n"
    "Nom\tPremière participation\tDernier départ\tDurée de la réunion\tE-mail\tID du participant (UPN)\tRôle\r\n"
    "Lee, Ann\t2026-04-08, 12 h 45 min 30 s\t2026-04-08, 13 h 45 min 00 s\t30 min 0 s\tann@x.example\t"
    "ann@clinic.example\tPrésentateur\r\n"
    "Bo Chan\t2026-04-08, 13 h 59 min 00 s\t2026-04-08, 14 h 03 min 00 s\t4 min 0 s\t\tbo@clinic.example\tP\r\n"
    "Cy Roy (Guest)\t2026-04-08, 12 h 31 min 00 s\t2026-04-08, 14 h 00 min 00 s\t1 h 29 min 0 s\t\t\tP\r\n\r\n"
    "3. Activités en réunion\r\n"
    "Nom\tHeure d’arrivée\tHeure de départ\tDurée\tE-mail\tRôle\r\n"
    "Lee, Ann\t2026-04-08, 12 h 45 min 30 s\t2026-04-08, 13 h 00 min 30 s\t15 min 0 s\tann@x.example\tP\r\n"
    "Lee, Ann\t2026-04-08, 13 h 30 min 00 s\t2026-04-08, 13 h 45 min 00 s\t15 min 0 s\tann@x.example\tP\r\n"
    "Bo Chan\t2026-04-08, 13 h 59 min 00 s\t2026-04-08, 14 h 03 min 00 s\t4 min 0 s\t\tP\r\n"
    "Cy Roy (Guest)\t2026-04-08, 12 h 31 min 00 s\t2026-04-08, 14 h 00 min 00 s\t1 h 29 min 0 s\t\tP\r\n"
)


@pytest.mark.parametrize("text", [TEAMS, TEAMS_FR], ids=["en", "fr"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\r\n", "\n").encode("cp1252"),
    ],
    ids=["le-bom", "be-bom", "le", "be", "utf-8", "utf-8-bom", "cp1252"],
)
def test_teams_reports_count_the_stays_and_not_the_summary(text, encode):
    content = encode(text)
    report = read(content)

    assert report.kind == "teams"
    assert minutes_by_name(content) == {"Lee, Ann": 30, "Bo Chan": 1, "Cy Roy (Guest)": 89}
    assert {each.name: (each.email, each.other_email) for each in report.connections} == {
        "Lee, Ann": ("ann@x.example", "ann@clinic.example"),
        "Bo Chan": ("", "bo@clinic.example"),
        "Cy Roy (Guest)": ("", ""),
    }


def test_a_teams_report_saved_by_a_spreadsheet_is_read():
    as_commas = "\n".join(
        ",".join(f'"{cell}"' for cell in line.split("\t")) + ",,," for line in TEAMS.split("\r\n")
    )

    assert minutes_by_name(as_commas) == {"Lee, Ann": 30, "Bo Chan": 1, "Cy Roy (Guest)": 89}


def test_without_activities_the_stated_duration_bounds_the_span():
    content = TEAMS.partition("3. In-Meeting")[0]

    assert minutes_by_name(content) == {"Lee, Ann": 30, "Bo Chan": 1, "Cy Roy (Guest)": 89}


def test_people_whom_the_activities_do_not_have_count_by_the_summary():
    content = TEAMS.replace("Bo Chan\t4/8/26, 1:59:00 PM\t4/8/26, 2:03:00 PM\t4m 0s\t\tAttendee\r\n", "")

    assert minutes_by_name(content)["Bo Chan"] == 1


def test_of_two_people_of_one_name_nobody_gets_the_address():
    content = TEAMS.replace(
        "Cy Roy (Guest)\t4/8/26, 12:31:00 PM\t4/8/26, 2:00:00 PM\t1h 29m 0s\t\t\t",
        "Bo Chan\t4/8/26, 12:31:00 PM\t4/8/26, 2:00:00 PM\t1h 29m 0s\t\tb2@clinic.example\t",
    )
    others = {each.other_email for each in read(content).connections if each.name == "Bo Chan"}

    assert others == {""}


def test_the_older_teams_list_of_comings_and_goings_is_read():
    content = (
        "Full Name\tUser Action\tTimestamp\n"
        "Ann Lee\tJoined before\t4/8/2026, 12:40:00 PM\n"
        "Bo Chan\tJoined\t4/8/2026, 12:50:00 PM\n"
        "Bo Chan\tLeft\t4/8/2026, 1:00:00 PM\n"
        "Bo Chan\tJoined\t4/8/2026, 1:10:00 PM\n"
        "Cy Roy\tLeft\t4/8/2026, 1:20:00 PM\n"
        "Bo Chan\tLeft\t4/8/2026, 1:30:00 PM\n"
    ).encode("utf-16")
    report = read(content)

    assert report.kind == "teams"
    assert minutes_by_name(content) == {"Ann Lee": 50, "Bo Chan": 30}
    assert [(each.line, each.code) for each in report.problems] == [(2, "no_end"), (6, "time")]


def test_the_older_list_is_read_in_french():
    content = (
        "Nom complet\tAction de l'utilisateur\tHorodatage\n"
        "Ann Lee\tA rejoint\t08/04/2026 à 12:40:00\nAnn Lee\tA quitté\t08/04/2026 à 13:00:00\n"
    )

    assert minutes_by_name(content) == {"Ann Lee": 20}


# --- other tables with times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "First name,Last name,Email,Duration,Time joined,Time exited\nAnn,Lee,ann@x.example,1h,12:35 PM,1:35 PM\n",
        "Name,Email,Start,End\nAnn Lee,ann@x.example,2026-04-08 12:35,2026-04-08 13:35\n",
        "Name;Email;Date;Join;Leave\nAnn Lee;ann@x.example;08/04/2026;12:35;13:35\n",
        "Nom;Courriel;Arrivée;Départ\nAnn Lee;ann@x.example;2026-04-08 12 h 35;2026-04-08 13 h 35\n",
        "Date,2026-04-08\nName,Email,First Seen,Last Seen\nAnn Lee,ann@x.example,12:35,13:35\n",
        # A departure that is missing is as far away as the duration says.
        "Name,Email,Join Time,Leave Time,Duration\nAnn Lee,ann@x.example,2026-04-08 12:35,,60\n",
        "Name,Email,Join Time,Duration (minutes)\nAnn Lee,ann@x.example,2026-04-08 12:35,60\n",
    ],
)
def test_generic_tables_with_times_are_read(content):
    [connection] = read(content).connections

    assert (connection.name, connection.email) == ("Ann Lee", "ann@x.example")
    assert minutes_by_name(content) == {"Ann Lee": 60}


def test_a_name_that_is_an_address_is_taken_as_one():
    [connection] = read("Name,Minutes\nAnn@X.example,5\n").connections

    assert (connection.name, connection.email) == ("", "ann@x.example")


# --- what is refused line by line -----------------------------------------------------------------------------------


def test_bad_lines_are_named_by_number_and_the_good_ones_stay():
    report = read(
        "name,email,minutes,note\n"
        "Ann,ann@x.example,90,\n"
        ",not an address,90,\n"
        "Bo,bo@x.example,ninety,\n"
        "\n"
        "cy@x.example\n"
        "Di,not an address,45,\n"
        ",,45,\n"
        '=HYPERLINK("http://evil.example"),eve@x.example,10,\n'
        f"{'E' * 400},,10,\n"
    )

    assert [(each.line, each.name[:20], each.email, each.minutes) for each in report.connections] == [
        (2, "Ann", "ann@x.example", 90),
        (7, "Di", "", 45),
        (9, '=HYPERLINK("http://e', "eve@x.example", 10),
        (10, "E" * 20, "", 10),
    ]
    assert [(each.line, each.code) for each in report.problems] == [
        (3, "email"), (4, "minutes"), (6, "short"), (7, "email"), (8, "short"), (9, "formula"), (10, "too_long"),
    ]  # fmt: skip
    assert len(report.connections[-1].name) == 300


def test_a_departure_before_the_arrival_is_refused():
    report = read(
        "Name,Join Time,Leave Time\n"
        "Ann,2026-04-08 13:00:00,2026-04-08 12:00:00\n"
        "Bo,2026-04-08 13:00:00,\n"
        "Cy,sometime,2026-04-08 13:00:00\n"
        "Di,2026-04-08 13:00:00,2026-04-08 13:00:00\n"
    )

    assert [each.name for each in report.connections] == ["Di"]
    assert [(each.line, each.code) for each in report.problems] == [
        (2, "left_before_joined"), (3, "time"), (4, "time"),
    ]  # fmt: skip


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@x.example", "ann@x", "ann neil@x.example", "a@b .c"])
def test_addresses_are_addresses(email):
    report = read(f"email,minutes\n{email},90\n")

    assert report.connections == ()
    assert [(each.line, each.code) for each in report.problems] == [(2, "email")]


def test_a_cell_of_several_lines_counts_as_the_lines_it_has():
    report = read('email,minutes,note\nann@x.example,90,"one\ntwo\nthree"\nbad,90,\n')

    assert [each.line for each in report.problems] == [5]


def test_names_hold_no_control_or_invisible_characters():
    [connection] = read("name,minutes\n\u202eAnn\u200b\u00a0 \x7fLe\u0301e,5\n").connections

    assert connection.name == "Ann Lée"


# --- what is refused as a whole -------------------------------------------------------------------------------------


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


DETAILED = (
    "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,In waiting room\r\n"
    "Ann Lee,ann@x.example,04/08/2026 12:30:00 PM,04/08/2026 01:00:00 PM,30,Yes,No\r\n"
    "Bo Chan,bo@x.example,04/08/2026 12:30:00 PM,04/08/2026 01:00:00 PM,30,Yes,No\r\n"
    '"Roy, Cy",cy@x.example,04/08/2026 12:30:00 PM,04/08/2026 01:00:00 PM,30,Yes,No\r\n'
)
POLL = (
    "Poll Report\nTopic,Webinar ID,Actual Duration (minutes)\nPain,858 5555 0109,118\nPoll Details\n"
    "#,User Name,User Email,Submitted Date/Time,Which one?\n"
    '1,Ann,ann@x.example,"Apr 8, 2026 13:05:11",Both\n'
)
LAST_LINE = DETAILED.rindex('"Roy')


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"email,minutes\n", "empty"),
        (b"email,minutes\n" + b"a" * MAX_BYTES, "too_large"),
        (spreadsheet(), "not_csv"),
        (b"%PDF-1.7\nemail,minutes\n", "not_csv"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "not_csv"),
        (b"\x00\x01\x02\x03" * 200, "not_csv"),
        (b"<!DOCTYPE html><title>Report</title>", "not_csv"),
        (b"email,minutes\n" + b'"' + b"a,b " * 100_000 + b'",9\n', "not_csv"),
        (b'email,minutes\n"ann@x.example,90\n' + b"bo@x.example,45\n" * 10_000, "not_csv"),
        (b"ann@x.example,90\nbo@x.example,45\n", "no_columns"),
        (b"email\nann@x.example\n", "no_columns"),
        (b"email,first,last\nann@x.example,Ann,Lee\n", "no_columns"),
        (b"Dear all,\nsee you on Thursday.\n", "no_columns"),
        (POLL, "not_attendance"),
        (POLL[POLL.index("#,User") :], "not_attendance"),
        ("Q&A Report\n#,Question,Asker Name,Asker Email,Answer\n1,Why?,Ann,ann@x.example,Because\n", "not_attendance"),
        ("Registration Report\nFirst Name,Last Name,Email,Registration Time,Approval Status\n", "not_attendance"),
        ("Rapport de sondage\nNom,Courriel,Durée\nAnn,ann@x.example,5\n", "not_attendance"),
        ("Topic,Meeting ID,User Email,Duration (Minutes)\nPain,858 5555 0109,ann@x.example,90\n", "no_columns"),
    ],
)  # fmt: skip
def test_files_that_are_no_report_are_refused_with_the_reason(content, code):
    assert code_of(content) == code


@pytest.mark.parametrize("at", range(LAST_LINE + 1, len(DETAILED) - 4))
def test_a_report_that_stops_within_its_last_line_is_refused(at):
    assert code_of(DETAILED[:at]) == "truncated"


def test_a_report_without_its_last_line_break_is_whole():
    assert len(read(DETAILED.rstrip()).connections) == 3


@pytest.mark.parametrize("cut", [1, 2, 3, 40, 61])
def test_a_wide_report_that_stops_within_its_last_line_is_refused(cut):
    wide = b"\xff\xfe" + DETAILED.encode("utf-16-le")

    assert code_of(wide[: -14 - cut]) == "truncated"


def test_a_letter_cut_in_two_at_the_end_is_a_cut_report():
    assert code_of("email,minutes,note\nann@x.example,5,é".encode()[:-1]) == "truncated"


def test_a_report_of_another_day_names_the_day():
    with pytest.raises(ReportError) as caught:
        read(ZOOM_BLOCK.replace("04/08", "04/15") + DETAILED.replace("04/08", "04/15"))

    assert (caught.value.code, caught.value.detail) == ("wrong_date", "2026-04-15")


def test_a_summary_below_the_block_of_another_day_is_of_another_day():
    summary = (
        ZOOM_BLOCK.replace("04/08", "04/15") + "Name,Email,Total duration (minutes)\nAnn,ann@x.example,60\n"
    )

    assert code_of(summary) == "wrong_date"


def test_the_day_is_torontos():
    late = "Email,Join time,Leave time\nann@x.example,2026-04-09T02:00:00Z,2026-04-09T03:00:00Z\n"

    assert read(late).held_on == date(2026, 4, 8)


def test_a_report_of_as_many_lines_as_allowed_is_read_and_one_more_refused():
    lines = [f"person{number}@x.example,90\n" for number in range(MAX_ROWS)]

    assert len(read("email,minutes\n" + "".join(lines)).connections) == MAX_ROWS
    assert code_of("email,minutes\n" + "".join(lines) + "one@more.example,90\n") == "too_long"


def test_a_cell_without_end_is_cut_and_the_rest_is_read():
    report = read("name,email,minutes\n" + "x" * 1_000_000 + ",ann@x.example,90\nBo,bo@x.example,45\n")

    assert [(len(each.name), each.email) for each in report.connections] == [
        (300, "ann@x.example"),
        (2, "bo@x.example"),
    ]
    assert [each.code for each in report.problems] == ["too_long"]


# --- whatever is handed in ------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *('"', "'", ",", ";", "\t", "\n", "\r", "\r\n", " ", "\\", "=", "@", "|", "(", ")"),
        *(
            "email",
            "minutes",
            "courriel",
            "durée",
            "name",
            "Join Time",
            "Leave Time",
            "First Join",
            "Last Leave",
            "date",
        ),
        *(
            "User Action",
            "Timestamp",
            "Joined",
            "Left",
            "Topic",
            "Meeting ID",
            "2. Participants",
            "UPN",
            "Attended",
        ),
        *(
            "ann@x.example",
            "90",
            "-1",
            "é",
            "\x00",
            "\ufeff",
            "\u2028",
            "04/08/2026 12:45 PM",
            "31/12/9999 23:59:59",
        ),
        *(
            "0001-01-01 00:00:00",
            "9999-12-31T23:59:59-14:00",
            "99/99/99",
            "0000-00-00 12:00",
            "12:45",
            "1h 5m",
            "sep=;",
        ),
    ]
)
HEADS = st.sampled_from(
    [
        "",
        "Name,Email,Join Time,Leave Time,Duration\n",
        "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\n",
        "Full Name,User Action,Timestamp\n",
        "Name,Date,Join,Leave\nAnn,",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-16", "replace")),
        st.tuples(HEADS, st.lists(PIECES, max_size=60).map("".join)).map(
            lambda parts: "".join(parts).encode()
        ),
        st.tuples(HEADS, st.lists(PIECES, max_size=60).map(",".join)).map(
            lambda parts: "".join(parts).encode()
        ),
    )
)
@example(content=b'email,minutes\n"')
@example(content=b"email,minutes\r\rann@x.example,90")
@example(content=b'"email\n",minutes\n')
@example(
    content=b"name,join,leave\nAnn,0001-01-01 00:00,9999-12-31 23:59\nBo,9999-12-31T23:59:59-14:00,12:00"
)
def test_no_file_does_anything_but_be_read_or_refused(content):
    with contextlib.suppress(ReportError):
        check(read(content))


def check(report: Report) -> None:
    assert {each.code for each in report.problems} <= PROBLEM_CODES
    for each in report.connections:
        assert (each.interval is None) != (each.minutes is None)
        assert each.name or each.email or each.other_email
        assert each.name.isprintable()
        assert each.interval is None or each.interval.joined_at <= each.interval.left_at
        assert 0 <= minutes_of([each], starts_at=STARTS_AT, ends_at=ENDS_AT) <= 90


@pytest.mark.parametrize(
    "piece", [',"', "\"',", ";'", '"\n', "'\n'", ', "', "\n", "a\n", ",,,,\n", "(" * 50 + "\n"]
)
def test_a_file_made_to_be_slow_is_read_quickly(piece):
    content = "email,minutes\n" + piece * (2_000_000 // len(piece))

    began = perf_counter()
    with contextlib.suppress(ReportError):
        read(content)

    assert perf_counter() - began < 5
