"""The coordinators' role grows with registration: questions, invitations, rosters, agreements and merges."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
PERMISSIONS = {
    "participants": [
        "view_agreement", "add_agreement", "change_agreement",
        "view_agreementanswer",
        "view_categoryrequest", "change_categoryrequest",
        "view_accountmerge", "add_accountmerge",
        "view_erasure",
    ],
    "sessions_app": [
        "view_cyclequestion", "add_cyclequestion", "change_cyclequestion", "delete_cyclequestion",
        "view_applicationanswer",
        "view_placeoffer",
        "view_invitation", "add_invitation", "change_invitation",
        "view_roster", "add_roster",
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
        ("credits", "0005_certificate_moves"),
        ("participants", "0003_first_agreements"),
        ("sessions_app", "0005_waiting_has_a_time"),
    ]
    operations = [migrations.RunPython(widen_role, narrow_role)]
