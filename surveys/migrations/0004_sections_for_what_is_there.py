"""Instruments that are there get one section, their scales the range they had, and their cycles' people pseudonyms.

What is there was asked already, so it counts as released.
"""

import secrets

from django.db import migrations

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def forwards(apps, schema_editor):
    instrument_model = apps.get_model("surveys", "Instrument")
    section_model = apps.get_model("surveys", "Section")
    question_model = apps.get_model("surveys", "Question")
    for instrument in instrument_model.objects.all():
        section = section_model.objects.create(
            instrument=instrument, position=1, title=instrument.title, title_fr=instrument.title_fr
        )
        question_model.objects.filter(instrument=instrument).update(section=section)
    question_model.objects.filter(kind="scale").update(minimum=1, maximum=5)
    instrument_model.objects.update(is_released=True)
    pseudonym_model = apps.get_model("surveys", "Pseudonym")
    answered = apps.get_model("surveys", "Response").objects.filter(status="submitted")
    pairs = answered.values_list("window__cycle__program", "enrolment__participant").distinct()
    pseudonym_model.objects.bulk_create(
        pseudonym_model(
            program_id=program,
            participant_id=participant,
            code="".join(secrets.choice(LETTERS) for _place in range(8)),
        )
        for program, participant in pairs
    )


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_sections_plans_and_pseudonyms")]

    # Backwards the columns go, and what stands in them with them.
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
