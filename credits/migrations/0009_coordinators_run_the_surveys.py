"""The coordinators' role grows with the surveys; linking a pseudonym to a person is a role of its own."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

COORDINATORS = [
    "view_section", "add_section", "change_section", "delete_section",
    "view_choice", "add_choice", "change_choice", "delete_choice",
    "view_construct", "add_construct", "change_construct", "delete_construct",
    "view_surveyplan", "add_surveyplan", "change_surveyplan",
    "delete_surveywindow",
    "view_windowextension", "view_surveyask",
    "export_response",
]
ROLES = {
    "Coordinators": COORDINATORS,
    # Nobody has it by being a coordinator: who belongs to a pseudonym is seen by those alone who need to know.
    "Pseudonym linkage": ["link_pseudonym", "view_pseudonymlookup"],
}


def permissions(apps, codenames):
    create_permissions(current_apps.get_app_config("surveys"), verbosity=0)
    permission_model = apps.get_model("auth", "Permission")
    rows = list(permission_model.objects.filter(content_type__app_label="surveys", codename__in=codenames))
    if missing := set(codenames) - {row.codename for row in rows}:
        raise LookupError(f"no such permission in surveys: {sorted(missing)}")
    return rows


def widen_roles(apps, schema_editor):
    for name, codenames in ROLES.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions(apps, codenames))


def narrow_roles(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for name, codenames in ROLES.items():
        group = groups.filter(name=name).first()
        if group is not None:
            group.permissions.remove(*permissions(apps, codenames))
    groups.filter(name="Pseudonym linkage").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0008_coordinators_review_cases"),
        ("surveys", "0005_rules_of_sections_and_answers"),
    ]
    operations = [migrations.RunPython(widen_roles, narrow_roles)]
