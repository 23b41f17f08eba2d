"""Coordinators write to groups of their cycles' people, and hold all mail."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
PERMISSIONS = {"desk": ["view_groupmessage", "send_groupmessage"], "outbox": ["hold_mail", "view_mailhold"]}


def permissions(apps):
    permission_model = apps.get_model("auth", "Permission")
    rows = []
    for label, codenames in PERMISSIONS.items():
        create_permissions(current_apps.get_app_config(label), verbosity=0)
        found = permission_model.objects.filter(content_type__app_label=label, codename__in=codenames)
        if missing := set(codenames) - {row.codename for row in found}:
            raise LookupError(f"no such permission in {label}: {sorted(missing)}")
        rows.extend(found)
    return rows


def widen_role(apps, schema_editor):
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    group.permissions.add(*permissions(apps))


def narrow_role(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=ROLE).first()
    if group is not None:
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("credits", "0012_coordinators_close_and_audit"), ("desk", "0001_group_messages"), ("outbox", "0005_holding_mail")]
    operations = [migrations.RunPython(widen_role, narrow_role)]
