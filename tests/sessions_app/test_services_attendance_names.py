"""Names on reports that no rule gives to anybody: a person decides, and it is remembered (rule 6)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from core.errors import BadInputError
from participants.services import erase_account
from sessions_app.models import (
    AttendanceAlias,
    AttendanceReport,
    EchoSession,
    Enrolment,
    NameGiven,
    UnmatchedName,
)
from sessions_app.services import apply_report, forget_aliases, preview_report, settle_names
from sessions_app.services.attendance import (
    Decision,
    crowd_of,
    may_be_remembered,
    names_of_session,
    names_to_match,
    read_preview,
)
from tests.clock import toronto
from tests.database import write
from tests.factories import make_attendance, make_cycle, make_enrolment, make_user
from tests.history import audit_row, event_model, events
from tests.races import THREADS, at_once
from tests.sessions_app.attendance import remember, zoom

NOW = toronto(2025, 9, 20, 10)
BOB, IPHONE, HOST = (
    ("Bob MacDonald", "", "12:30", "13:30"),
    ("iPhone", "", "12:30", "14:00"),
    ("Host", "host@x.example", "12:30", "14:00"),
)


@pytest.fixture
def sessions(db) -> list[EchoSession]:
    return list(make_cycle(sessions=2).sessions.all())


@pytest.fixture
def people(sessions) -> dict[str, Enrolment]:
    names = {"ann": "Ann Lee", "rob": "Robert MacDonald", "cy": "Cy Côté"}
    return {
        key: make_enrolment(sessions[0].cycle, make_user(f"{key}@x.example", name=name))
        for key, name in names.items()
    }


@pytest.fixture
def hand_in(coordinator):
    """Keeps a report of these stays for a session."""

    def keep(
        session: EchoSession, *stays: tuple[str, str, str, str], day: str = "2025-09-11"
    ) -> AttendanceReport:
        content = zoom(*stays, day=day).encode()
        kept = preview_report(
            session_id=session.pk, filename="r.csv", content=content, by=coordinator, now=NOW
        )
        return AttendanceReport.objects.select_related("session__cycle__program").get(pk=kept.pk)

    return keep


def decide(report: AttendanceReport, name: str, *people: Enrolment, **values) -> Decision:
    """The decision about the name on the report."""
    key = next(each.key for each in read_preview(report).open_names if name in (each.name, each.email))
    return Decision(report.pk, key, frozenset(person.pk for person in people), **values)


def minutes(session: EchoSession) -> dict[str, int]:
    return {row.enrolment.participant.email.split("@")[0]: row.minutes for row in session.attendances.all()}


def test_a_name_given_to_a_person_counts_and_is_remembered_next_week(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], BOB, ("Ann Lee", "", "12:30", "14:00"))
    decision = decide(report, "Bob MacDonald", people["rob"], remember=True)

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[decision]) == 2

    assert minutes(sessions[0]) == {"ann": 90, "rob": 60}
    name = UnmatchedName.objects.get()
    assert (name.name, name.minutes, name.outcome, name.decided_by, name.decided_at) == (
        "Bob MacDonald",
        60,
        "given",
        coordinator,
        NOW,
    )
    assert list(name.enrolments.all()) == [people["rob"]]
    alias = AttendanceAlias.objects.get()
    assert (alias.participant, alias.kind, alias.value, alias.written) == (
        people["rob"].participant,
        "name",
        "bob macdonald",
        "Bob MacDonald",
    )
    assert audit_row(alias, "insert") == ("attendance.import", coordinator.pk, "")

    next_week = hand_in(sessions[1], ("BOB  MacDonald", "", "12:30", "14:00"), day="2025-09-18")
    assert [row.how for row in read_preview(next_week).rows] == ["by a remembered name"]
    apply_report(report_id=next_week.pk, by=coordinator, now=NOW)
    assert minutes(sessions[1]) == {"rob": 90}


def test_an_unknown_address_is_remembered_rather_than_the_name(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], ("Clinic", "frontdesk@clinic.example", "12:30", "14:00"))
    decision = decide(report, "Clinic", people["cy"], remember=True)

    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[decision])

    assert list(AttendanceAlias.objects.values_list("kind", "value")) == [
        ("email", "frontdesk@clinic.example")
    ]
    next_week = hand_in(
        sessions[1], ("Other", "FrontDesk@clinic.example", "12:30", "14:00"), day="2025-09-18"
    )
    apply_report(report_id=next_week.pk, by=coordinator, now=NOW)
    assert minutes(sessions[1]) == {"cy": 90}


def test_one_connection_is_given_to_several_people_and_never_remembered(
    sessions, people, coordinator, hand_in
):
    report = hand_in(sessions[0], ("Marie et Paul", "", "12:30", "13:30"))
    decision = decide(report, "Marie et Paul", people["ann"], people["cy"], remember=True)

    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[decision])

    assert minutes(sessions[0]) == {"ann": 60, "cy": 60}
    assert not AttendanceAlias.objects.exists()


@pytest.mark.parametrize(
    ("name", "email", "is_remembered"),
    [
        ("Bob MacDonald", "", True),
        ("iPhone", "", False),
        ("Ann's iPhone", "", False),
        ("iPad (2)", "", False),
        ("Galaxy S23", "", False),
        ("17055550134", "", False),
        ("+1 705-555-0134", "", False),
        ("Zoom user", "", False),
        ("Conference room 3", "", False),
        ("Salle de conférence", "", False),
        ("  ", "", False),
        ("???", "", False),
        ("iPhone", "bob@home.example", True),
        ("Marie Mac Neil", "", True),
    ],
)
def test_names_of_devices_and_telephones_are_not_remembered(name, email, is_remembered):
    assert may_be_remembered(name, email) is is_remembered


def test_a_device_is_given_without_being_remembered(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], IPHONE)

    apply_report(
        report_id=report.pk,
        by=coordinator,
        now=NOW,
        decisions=[decide(report, "iPhone", people["ann"], remember=True)],
    )

    assert minutes(sessions[0]) == {"ann": 90}
    assert not AttendanceAlias.objects.exists()


def test_a_name_remembered_for_two_people_asks_again(sessions, people, coordinator, hand_in):
    remember(people["ann"].participant, "The Lees", by=coordinator)
    remember(people["cy"].participant, "The Lees", by=coordinator)

    preview = read_preview(hand_in(sessions[0], ("The Lees", "", "12:30", "14:00")))

    assert preview.rows == []
    (name,) = preview.open_names
    assert {suggestion.person for suggestion in name.suggestions} == {people["ann"].pk, people["cy"].pk}


def test_a_name_that_counts_with_another_of_the_same_person_is_a_union(
    sessions, people, coordinator, hand_in
):
    report = hand_in(sessions[0], ("Ann Lee", "", "12:30", "13:00"), ("Tablet of A", "", "12:50", "13:20"))

    apply_report(
        report_id=report.pk, by=coordinator, now=NOW, decisions=[decide(report, "Tablet of A", people["ann"])]
    )

    assert minutes(sessions[0]) == {"ann": 50}


def test_names_without_a_decision_wait_and_are_settled_later_and_anew(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], BOB, IPHONE)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    crowd = crowd_of(sessions[0].cycle_id)
    names = {name.name: name for name in names_of_session(sessions[0], crowd)}
    assert {name.name: name.minutes for name in names.values()} == {"Bob MacDonald": 60, "iPhone": 90}
    assert [(each.person, each.why) for each in names["Bob MacDonald"].suggestions] == [
        (people["rob"].pk, "nickname")
    ]
    settle = partial(settle_names, session_id=sessions[0].pk, by=coordinator, now=NOW)
    phone = Decision(report.pk, names["iPhone"].key, frozenset({people["ann"].pk}))

    assert settle(decisions=[phone]) == 1
    assert minutes(sessions[0]) == {"ann": 90}
    assert [name.name for name in names_of_session(sessions[0], crowd)] == ["Bob MacDonald"]
    assert settle(decisions=[phone]) == 0

    # It was somebody else: the one loses the minutes, the other gains them, and the trail keeps both.
    anew = replace(phone, enrolments=frozenset({people["cy"].pk}), seen=phone.enrolments)
    assert settle(decisions=[anew]) == 2
    assert minutes(sessions[0]) == {"ann": 0, "cy": 90}
    nobody = replace(phone, enrolments=frozenset(), seen=anew.enrolments)
    assert settle(decisions=[nobody]) == 1
    assert minutes(sessions[0]) == {"ann": 0, "cy": 0}
    assert UnmatchedName.objects.get(name="iPhone").outcome == "nobody"
    assert not NameGiven.objects.exists()
    attendance = sessions[0].attendances.get(enrolment=people["ann"])
    assert [event.minutes for event in events(attendance)] == [90, 0]
    assert audit_row(attendance, "update") == ("attendance.settle", coordinator.pk, "")

    # Importing once more changes none of it.
    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 0
    assert minutes(sessions[0]) == {"ann": 0, "cy": 0}


def test_a_decision_taken_back_leaves_what_other_lines_and_people_say(sessions, people, coordinator, hand_in):
    make_attendance(people["cy"], sessions[0], minutes=70)
    report = hand_in(sessions[0], ("Ann Lee", "", "12:30", "13:00"), IPHONE)
    given = decide(report, "iPhone", people["ann"], people["cy"])
    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[given])
    assert minutes(sessions[0]) == {"ann": 90, "cy": 70}

    settle_names(
        session_id=sessions[0].pk,
        decisions=[replace(given, enrolments=frozenset(), seen=given.enrolments)],
        by=coordinator,
        now=NOW,
    )

    assert minutes(sessions[0]) == {"ann": 30, "cy": 70}


def test_decisions_that_cannot_be_are_refused_and_nothing_is_written(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], BOB, IPHONE)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    phone = decide(report, "iPhone", people["ann"])
    settle_names(session_id=sessions[0].pk, decisions=[phone], by=coordinator, now=NOW)
    stranger = make_enrolment(make_cycle(sessions[0].cycle.program))
    declined = make_enrolment(sessions[0].cycle, status=Enrolment.Status.DECLINED)
    bob = decide(report, "Bob MacDonald", people["rob"], remember=True)
    other = hand_in(sessions[1], IPHONE, day="2025-09-18")

    for wrong, message in (
        (replace(bob, enrolments=frozenset({stranger.pk})), "not in the cycle"),
        (replace(bob, enrolments=frozenset({declined.pk})), "not in the cycle"),
        (replace(bob, key="no such name"), "not on a report"),
        (replace(phone, report_id=other.pk), "not on a report"),
        (replace(phone, enrolments=frozenset({people["cy"].pk})), "has decided about “iPhone” meanwhile"),
    ):
        with pytest.raises(BadInputError, match=message):
            settle_names(session_id=sessions[0].pk, decisions=[bob, wrong], by=coordinator, now=NOW)

    assert minutes(sessions[0]) == {"ann": 90}
    assert not AttendanceAlias.objects.exists()
    assert UnmatchedName.objects.get(name="Bob MacDonald").outcome == "open"


def test_a_name_of_somebody_who_was_declined_afterwards_stays_theirs_until_it_is_decided_anew(
    sessions, people, coordinator, hand_in
):
    applicant = make_enrolment(
        sessions[0].cycle, make_user("dee@x.example", name="Dee Roy"), status=Enrolment.Status.APPLIED
    )
    report = hand_in(sessions[0], IPHONE, ("Dee Roy", "", "12:30", "13:00"))
    given = decide(report, "iPhone", applicant)
    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[given])
    write(applicant, status=Enrolment.Status.DECLINED)

    preview = read_preview(report)
    assert [(row.member.name, row.minutes, row.how) for row in preview.rows] == [
        ("Dee Roy", 90, "as somebody decided")
    ]
    # No rule gives them another name.
    assert [name.name for name in preview.open_names] == ["Dee Roy"]
    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 0
    crowd = crowd_of(sessions[0].cycle_id)
    (phone,) = (
        name for name in names_of_session(sessions[0], crowd, also_decided=True) if name.name == "iPhone"
    )
    assert phone.given == frozenset({applicant.pk})
    assert applicant.pk in crowd.members

    settle = partial(settle_names, session_id=sessions[0].pk, by=coordinator, now=NOW)
    with pytest.raises(BadInputError, match="not in the cycle"):
        settle(decisions=[decide(report, "Dee Roy", applicant)])
    assert settle(decisions=[replace(given, seen=given.enrolments)]) == 0
    anew = replace(given, enrolments=frozenset({people["ann"].pk}), seen=given.enrolments)
    assert settle(decisions=[anew]) == 2
    assert minutes(sessions[0]) == {"dee": 0, "ann": 90}
    assert [row.member.name for row in read_preview(report).rows] == ["Ann Lee"]


def test_who_was_nobody_the_last_time_is_proposed_as_nobody(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], HOST, BOB)
    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[decide(report, "Host")])
    next_week = hand_in(sessions[1], HOST, BOB, day="2025-09-18")

    names = names_to_match(sessions[1], read_preview(next_week).open_names)

    assert {(name.name, name.is_nobody, name.given) for name in names} == {
        ("Host", True, None),
        ("Bob MacDonald", False, None),
    }


def test_what_is_remembered_now_finds_the_name_on_the_sessions_other_report(
    sessions, people, coordinator, hand_in
):
    first = hand_in(sessions[0], BOB)
    apply_report(report_id=first.pk, by=coordinator, now=NOW)
    second = hand_in(sessions[0], ("Bob MacDonald", "", "13:20", "14:00"))
    decision = decide(second, "Bob MacDonald", people["rob"], remember=True)

    apply_report(report_id=second.pk, by=coordinator, now=NOW, decisions=[decision])

    assert minutes(sessions[0]) == {"rob": 90}
    assert not UnmatchedName.objects.filter(outcome="open").exists()


def test_forgotten_names_ask_again_and_minutes_stay(sessions, people, coordinator, hand_in):
    alias = remember(people["rob"].participant, "Bob MacDonald", by=coordinator)
    report = hand_in(sessions[0], BOB)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)

    assert forget_aliases(alias_ids=[alias.pk], by=coordinator) == 1
    assert forget_aliases(alias_ids=[alias.pk], by=coordinator) == 0

    assert minutes(sessions[0]) == {"rob": 60}
    assert audit_row(alias, "delete") == ("attendance.forget", coordinator.pk, "")
    assert len(read_preview(report).open_names) == 1


@pytest.fixture
def forgotten(sessions, people, coordinator, hand_in):
    """A report on which Ann had Bob's name, wrongly remembered; it was forgotten since, and both names are open."""
    alias = remember(people["ann"].participant, "Bob MacDonald", by=coordinator)
    report = hand_in(sessions[0], BOB, IPHONE)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    forget_aliases(alias_ids=[alias.pk], by=coordinator)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    assert minutes(sessions[0]) == {"ann": 60}
    return report


@pytest.mark.parametrize("is_nobody", [False, True])
def test_a_forgotten_name_that_is_somebody_elses_takes_its_minutes_along(
    sessions, people, coordinator, forgotten, is_nobody
):
    decision = decide(forgotten, "Bob MacDonald", *([] if is_nobody else [people["rob"]]))

    settle_names(session_id=sessions[0].pk, decisions=[decision], by=coordinator, now=NOW)

    assert minutes(sessions[0]) == ({"ann": 0} if is_nobody else {"ann": 0, "rob": 60})
    attendance = sessions[0].attendances.get(enrolment=people["ann"])
    assert audit_row(attendance, "update") == ("attendance.settle", coordinator.pk, "")


def test_another_name_takes_no_minutes_along_while_the_forgotten_one_is_open(
    sessions, people, coordinator, forgotten
):
    settle = partial(settle_names, session_id=sessions[0].pk, by=coordinator, now=NOW)
    settle(decisions=[decide(forgotten, "iPhone", people["cy"])])
    assert minutes(sessions[0]) == {"ann": 60, "cy": 90}

    settle(decisions=[decide(forgotten, "Bob MacDonald", people["ann"])])
    assert minutes(sessions[0]) == {"ann": 60, "cy": 90}


def test_a_name_remembered_for_somebody_else_takes_the_minutes_of_the_other_report_along(
    sessions, people, coordinator, forgotten, hand_in
):
    second = hand_in(sessions[0], ("Bob MacDonald", "", "13:20", "14:00"))
    decision = decide(second, "Bob MacDonald", people["rob"], remember=True)

    apply_report(report_id=second.pk, by=coordinator, now=NOW, decisions=[decision])

    assert minutes(sessions[0]) == {"ann": 0, "rob": 90}


def test_what_other_names_and_reports_say_or_a_person_entered_stays(
    sessions, people, coordinator, forgotten, hand_in
):
    own = hand_in(sessions[0], ("Ann Lee", "", "12:30", "13:15"))
    apply_report(report_id=own.pk, by=coordinator, now=NOW)
    bob = decide(forgotten, "Bob MacDonald", people["rob"])
    settle_names(session_id=sessions[0].pk, decisions=[bob], by=coordinator, now=NOW)
    assert minutes(sessions[0])["ann"] == 45

    by_hand = make_attendance(people["cy"], sessions[1], minutes=70)
    alias = remember(people["cy"].participant, "Bob MacDonald", by=coordinator)
    report = hand_in(sessions[1], BOB, day="2025-09-18")
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    forget_aliases(alias_ids=[alias.pk], by=coordinator)
    bob = decide(report, "Bob MacDonald", people["rob"])
    apply_report(report_id=report.pk, by=coordinator, now=NOW, decisions=[bob])
    assert minutes(sessions[1]) == {"cy": by_hand.minutes, "rob": 60}


def test_a_namesake_takes_minutes_along_only_once_a_person_says_so(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], ("Ann Lee", "", "12:30", "14:00"), IPHONE)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    other = make_enrolment(sessions[0].cycle, make_user("ann2@x.example", name="Ann Lee"))
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    assert minutes(sessions[0]) == {"ann": 90}

    settle_names(
        session_id=sessions[0].pk, decisions=[decide(report, "Ann Lee", other)], by=coordinator, now=NOW
    )

    assert minutes(sessions[0]) == {"ann": 0, "ann2": 90}


def test_who_had_a_name_otherwise_loses_it_once_every_name_is_settled(sessions, people, coordinator, hand_in):
    report = hand_in(sessions[0], ("Ann Lee", "", "12:30", "14:00"), IPHONE)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    write(people["ann"].participant.profile, legal_name="Ann Roy")
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    settle = partial(settle_names, session_id=sessions[0].pk, by=coordinator, now=NOW)

    settle(decisions=[decide(report, "Ann Lee", people["cy"])])
    assert minutes(sessions[0]) == {"ann": 90, "cy": 90}, "the telephone may be Ann's"
    settle(decisions=[decide(report, "iPhone")])
    assert minutes(sessions[0]) == {"ann": 0, "cy": 90}


@pytest.mark.django_db(transaction=True)
def test_one_name_decided_by_many_at_once_is_decided_once(coordinator):
    session = make_cycle(sessions=1).sessions.get()
    people = [make_enrolment(session.cycle) for _person in range(2)]
    kept = preview_report(
        session_id=session.pk, filename="r.csv", content=zoom(IPHONE).encode(), by=coordinator, now=NOW
    )
    apply_report(report_id=kept.pk, by=coordinator, now=NOW)
    key = UnmatchedName.objects.get().key
    deeds = [
        partial(
            settle_names,
            session_id=session.pk,
            decisions=[Decision(kept.pk, key, frozenset({person.pk}))],
            by=coordinator,
            now=NOW,
        )
        for person in people
    ]

    results = at_once(deeds * (THREADS // 2))

    # Whoever came first has decided; who decided the same has nothing to add, and who decided otherwise is told.
    told = [result for result in results if isinstance(result, BadInputError)]
    assert len(told) == THREADS // 2
    assert sorted(result for result in results if isinstance(result, int)) == [0] * (THREADS // 2 - 1) + [1]
    assert (NameGiven.objects.count(), session.attendances.count()) == (1, 1)
    assert event_model(NameGiven).objects.count() == 1


def test_minutes_of_a_namesake_go_whichever_report_they_were_noted_under(
    sessions, people, coordinator, forgotten, hand_in
):
    # A later report is what Ann's minutes stand under; the forgotten name supports most of them.
    own = hand_in(sessions[0], ("Ann Lee", "", "13:20", "14:00"))
    apply_report(report_id=own.pk, by=coordinator, now=NOW)
    assert sessions[0].attendances.get(enrolment=people["ann"]).minutes >= 60

    bob = decide(forgotten, "Bob MacDonald", people["rob"])
    settle_names(session_id=sessions[0].pk, decisions=[bob], by=coordinator, now=NOW)

    assert minutes(sessions[0]) == {"ann": 40, "rob": 60}


def test_kept_minutes_of_somebody_erased_are_not_taken(sessions, people, coordinator, forgotten):
    ann = people["ann"].participant
    erase_account(user=ann, by=ann, now=NOW)

    decision = decide(forgotten, "Bob MacDonald")
    settle_names(session_id=sessions[0].pk, decisions=[decision], by=coordinator, now=NOW)

    assert sessions[0].attendances.get(enrolment=people["ann"]).minutes == 60
