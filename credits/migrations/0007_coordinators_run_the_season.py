"""The coordinators' role grows with the season: speakers, materials, presenters, and names on reports."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
PERMISSIONS = {
    "sessions_app": [
        "view_speaker", "add_speaker", "change_speaker", "delete_speaker",
        "view_material", "add_material", "change_material", "delete_material",
        "view_sessionobjective", "add_sessionobjective", "change_sessionobjective", "delete_sessionobjective",
        "view_presenterslot", "add_presenterslot", "change_presenterslot", "delete_presenterslot",
        "view_unmatchedname", "change_unmatchedname",
        "view_attendancealias", "change_attendancealias",
    ],
}


def permissions(apps):
    for label in PERMISSIONS:
        create_permissions(current_apps.get_app_config(label), verbosity=0)
    permission_model = apps.get_model("auth", "Permission")
    found = []
    for label, codenames in PERMISSIONS.items():
        rows = list(permission_model.objects.filter(content_type__app_label=label, codename__in=codenames))
        if missing := set(codenames) - {row.codename for row in rows}:
            raise LookupError(f"no such permission in {label}: {sorted(missing)}")
        found.extend(rows)
    return found


def widen_role(apps, schema_editor):
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    group.permissions.add(*permissions(apps))


def narrow_role(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=ROLE).first()
    if group is not None:
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0006_coordinators_register_people"),
        ("sessions_app", "0006_seasons_and_attendance"),
    ]
    operations = [migrations.RunPython(widen_role, narrow_role)]
