"""A case that was handed in before there was a form gets a version without a text, so that every such case has one."""

from django.db import migrations


def add_versions(apps, schema_editor):
    version_model = apps.get_model("cases", "CaseVersion")
    for case in apps.get_model("cases", "CaseSubmission").objects.exclude(status="draft").filter(version=None):
        case.version = version_model.objects.create(
            case=case, number=1, content={}, attestation="", signed_name="", submitted_at=case.moved_at
        )
        case.save(update_fields=["version"])


def drop_versions(apps, schema_editor):
    cases = apps.get_model("cases", "CaseSubmission")
    cases.objects.exclude(version=None).update(version=None)
    # What has a text goes with its table, in the migration before this one.
    apps.get_model("cases", "CaseVersion").objects.filter(content={}, attestation="").delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_texts_versions_and_letters")]
    operations = [migrations.RunPython(add_versions, drop_versions)]
