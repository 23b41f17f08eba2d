"""The coordinators' role grows with the cases: reviewing them, the hub's team, and the suggestions it draws on."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
PERMISSIONS = {
    "cases": [
        "review_casesubmission",
        "view_casereview", "view_casereading", "view_casefollowup",
        "view_hubmember", "add_hubmember", "change_hubmember",
        "view_suggestedrecommendation", "add_suggestedrecommendation", "change_suggestedrecommendation",
        "view_recommendationletter", "change_recommendationletter",
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
        ("credits", "0007_coordinators_run_the_season"),
        ("cases", "0005_handed_in_has_version"),
    ]
    operations = [migrations.RunPython(widen_role, narrow_role)]
