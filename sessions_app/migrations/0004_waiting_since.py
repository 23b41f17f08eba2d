"""Who is on a waiting list already has waited since the decision that put them there."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Coalesce


def note_since_when(apps, schema_editor):
    apps.get_model("sessions_app", "Enrolment").objects.filter(
        status="waitlisted", waitlisted_at__isnull=True
    ).update(waitlisted_at=Coalesce(F("decided_at"), F("applied_at")))


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_joining_a_cycle")]
    operations = [migrations.RunPython(note_since_when, migrations.RunPython.noop)]
