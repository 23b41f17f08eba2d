"""The role of the coordinators: what runs a program, without the power to delete a record."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
PERMISSIONS = {
    "participants": ["view_user", "change_user", "view_profile", "change_profile"],
    "sessions_app": [
        "view_hub", "add_hub", "change_hub",
        "view_program", "add_program", "change_program",
        "view_programhub", "add_programhub", "change_programhub", "delete_programhub",
        "view_objective", "add_objective", "change_objective", "delete_objective",
        "view_cycle", "add_cycle", "change_cycle",
        "view_echosession", "add_echosession", "change_echosession",
        "view_enrolment", "change_enrolment",
        "view_attendance", "add_attendance", "change_attendance",
        "view_attendancereport",
    ],
    "surveys": [
        "view_instrument", "add_instrument", "change_instrument", "delete_instrument",
        "view_question", "add_question", "change_question", "delete_question",
        "view_surveywindow", "add_surveywindow", "change_surveywindow",
        "view_response",
    ],
    "cases": ["view_casesubmission"],
    "credits": [
        "view_accreditation", "add_accreditation", "change_accreditation",
        "view_creditline", "add_creditline", "change_creditline",
        "view_sessionidentifier", "add_sessionidentifier", "change_sessionidentifier", "delete_sessionidentifier",
        "view_certificate", "change_certificate",
        "view_cycleclosing", "close_cycle",
    ],
    "outbox": ["view_outgoingmail", "view_mailattempt", "view_mailattachment", "resend_mail"],
}


def add_role(apps, schema_editor):
    # Permissions are otherwise made after all migrations: too late for a role that needs them.
    for label in PERMISSIONS:
        create_permissions(current_apps.get_app_config(label), verbosity=0)
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    permission_model = apps.get_model("auth", "Permission")
    wanted = []
    for label, codenames in PERMISSIONS.items():
        found = permission_model.objects.filter(content_type__app_label=label, codename__in=codenames)
        missing = set(codenames) - {permission.codename for permission in found}
        if missing:
            raise LookupError(f"no such permission in {label}: {sorted(missing)}")
        wanted.extend(found)
    group.permissions.set(wanted)


def remove_role(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=ROLE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("cases", "0002_presenter_and_session"),
        ("credits", "0002_relations_and_constraints"),
        ("outbox", "0001_mail_and_attempts"),
        ("participants", "0001_initial"),
        ("sessions_app", "0001_initial"),
        ("surveys", "0001_initial"),
    ]

    operations = [migrations.RunPython(add_role, remove_role)]
