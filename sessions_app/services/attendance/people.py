"""Who may stand behind a name on a report: everybody with an enrolment in the cycle that was not declined."""

from collections import defaultdict
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.errors import BadInputError
from sessions_app.models import AttendanceAlias, Enrolment, NameGiven
from sessions_app.reports import Person, fold_name


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the cycle, as they are shown: the name as licensed and the address they log in with."""

    enrolment_id: int
    participant_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of a cycle: `members` are shown, `people` are compared with a report.

    Who was given a name on a report and then declined is shown, and nothing more.
    """

    members: dict[int, Member]
    people: list[Person]

    @property
    def takers(self) -> frozenset[int]:
        """Who may be given a name."""
        return frozenset(person.key for person in self.people)

    def find(self, text: str) -> int:
        """The enrolment of whoever has this address or this name. Raises BadInputError for nobody, or for several."""
        text = text.strip()
        wanted, address = fold_name(text), text.lower()
        found = [person.key for person in self.people if address in person.emails] if "@" in text else []
        if "@" not in text and wanted:
            found = [
                person.key
                for person in self.people
                if wanted in {fold_name(name) for name in (person.name, *person.other_names, *person.aliases)}
            ]
        if not found:
            raise BadInputError(
                _("Nobody in this cycle is called “%(text)s”. Enter the whole name, or the email address.")
                % {"text": text[:80]}
            )
        if len(found) > 1:
            raise BadInputError(
                _("Several people are called “%(text)s”. Enter the email address: %(addresses)s.")
                % {
                    "text": text[:80],
                    "addresses": ", ".join(self.members[key].email for key in found[:5]),
                }
            )
        return found[0]


def crowd_of(cycle_id: int) -> Crowd:
    """Everybody of a cycle with all their names and addresses, in three queries however many they are.

    Who withdrew or waits is among them: their minutes are evidence, and whether they earn is the ledger's to say. So
    is the decision that a name was somebody's who was declined afterwards.
    """
    was_given = Exists(NameGiven.objects.filter(enrolment=OuterRef("pk")))
    rows = (
        Enrolment.objects.filter(cycle_id=cycle_id)
        .filter(~Q(status=Enrolment.Status.DECLINED) | was_given)
        .order_by("pk")
        .values_list(
            "pk",
            "participant_id",
            "status",
            "participant__email",
            "participant__profile__legal_name",
            "participant__profile__preferred_name",
        )
    )
    emails: defaultdict[int, set[str]] = defaultdict(set)
    aliases: defaultdict[int, set[str]] = defaultdict(set)
    verified = EmailAddress.objects.filter(verified=True, user__enrolments__cycle_id=cycle_id)
    for account, address in verified.values_list("user_id", "email"):
        emails[account].add(address.lower())
    remembered = AttendanceAlias.objects.filter(participant__enrolments__cycle_id=cycle_id)
    for account, kind, value in remembered.values_list("participant_id", "kind", "value"):
        if kind == AttendanceAlias.Kind.EMAIL:
            emails[account].add(value)
        else:
            aliases[account].add(value)
    members, people = {}, []
    for pk, account, status, email, legal_name, preferred_name in rows:
        members[pk] = Member(pk, account, legal_name or email, email)
        if status == Enrolment.Status.DECLINED:
            continue
        people.append(
            Person(
                key=pk,
                emails=frozenset({email.lower(), *emails[account]}),
                name=legal_name or "",
                other_names=other_names(legal_name or "", preferred_name or ""),
                aliases=frozenset(aliases[account]),
            )
        )
    return Crowd(members, people)


def other_names(legal_name: str, preferred_name: str) -> tuple[str, ...]:
    """What somebody is called besides the name as licensed: the preferred name before the surname.

    Where the surname begins nobody can tell: it may be the last word, or all after the first.
    """
    words = legal_name.split(",", maxsplit=1)[0].split()
    if not preferred_name or not words:
        return ()
    if " " in preferred_name.strip():
        return (preferred_name,)
    surnames = dict.fromkeys((" ".join(words[1:]), words[-1]))
    return tuple(f"{preferred_name} {surname}" for surname in surnames if surname)
