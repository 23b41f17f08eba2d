"""Makes the demonstration program: its text, hubs and objectives, its three accreditations and its questionnaires."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import audit
from credits.models import Accreditation, CreditLine
from credits.signatures import store_signature
from echo_portal.demo import program_text
from echo_portal.demo.questionnaires import build_questionnaires
from echo_portal.demo.signature import signature_png
from sessions_app.models import Hub, Objective, Program, ProgramHub
from surveys.models import Instrument


@dataclass(frozen=True, slots=True)
class DemoProgram:
    """The program with what its cycles need."""

    program: Program
    hubs: list[Hub]
    accreditations: list[Accreditation]
    instruments: dict[str, Instrument]


def build_program(*, valid_from: date, valid_to: date) -> DemoProgram:
    """The program with accreditations for the given days. Call inside a transaction; makes everything anew."""
    with audit.act("demo.load", by=None):
        program = Program.objects.create(slug=program_text.SLUG, **program_text.PROGRAM)
        hubs = [
            Hub.objects.get_or_create(name=values["name"], defaults=values)[0] for values in program_text.HUBS
        ]
        ProgramHub.objects.bulk_create(
            ProgramHub(program=program, hub=hub, position=at) for at, hub in enumerate(hubs, 1)
        )
        Objective.objects.bulk_create(
            Objective(program=program, position=at, text=english, text_fr=french)
            for at, (english, french) in enumerate(program_text.OBJECTIVES, 1)
        )
        return DemoProgram(
            program=program,
            hubs=hubs,
            accreditations=_accreditations(program, valid_from, valid_to),
            instruments=build_questionnaires(program),
        )


def _accreditations(program: Program, valid_from: date, valid_to: date) -> list[Accreditation]:
    signature = store_signature(signature_png())
    accreditations = []
    for values, line in program_text.ACCREDITATIONS:
        accreditation = Accreditation.objects.create(
            program=program, valid_from=valid_from, valid_to=valid_to, signature=signature, **values
        )
        CreditLine.objects.create(
            accreditation=accreditation,
            **line | {"per_hour": Decimal(line["per_hour"]), "cap": Decimal(line["cap"])},
        )
        accreditations.append(accreditation)
    return accreditations
