"""Coordinators keep dry runs, decide about waivers, make and download audit packs, and see what was purged."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLE = "Coordinators"
CODENAMES = ["view_dryrun", "view_waiver", "decide_waiver", "make_auditpack", "view_auditpack", "view_auditpackdownload", "view_purge"]


def permissions(apps):
    create_permissions(current_apps.get_app_config("credits"), verbosity=0)
    permission_model = apps.get_model("auth", "Permission")
    rows = list(permission_model.objects.filter(content_type__app_label="credits", codename__in=CODENAMES))
    if missing := set(CODENAMES) - {row.codename for row in rows}:
        raise LookupError(f"no such permission in credits: {sorted(missing)}")
    return rows


def widen_role(apps, schema_editor):
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=ROLE)
    group.permissions.add(*permissions(apps))


def narrow_role(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=ROLE).first()
    if group is not None:
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("credits", "0011_audit_packs_and_purges")]
    operations = [migrations.RunPython(widen_role, narrow_role)]
