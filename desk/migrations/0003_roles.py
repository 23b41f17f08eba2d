"""The roles beside the coordinators': each may do what its work needs, and see no more."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

CONTEXT = {
    "sessions_app": ["view_program", "view_programhub", "view_objective", "view_hub", "view_cycle", "view_cyclequestion", "view_echosession", "view_speaker", "view_material"],
}
PEOPLE = {
    "participants": ["view_user", "view_profile"],
    "sessions_app": ["view_enrolment", "view_applicationanswer", "view_attendance", "view_attendancereport", "view_presenterslot", "view_invitation", "view_placeoffer"],
}
RECORDS = {
    "participants": ["view_agreement", "view_agreementanswer", "view_categoryrequest", "view_accountmerge", "view_erasure", "view_participantview", "view_viewedpage"],
    "sessions_app": ["view_roster", "view_unmatchedname", "view_attendancealias", "view_mailwording"],
    "surveys": ["view_instrument", "view_question", "view_surveyplan", "view_surveywindow", "view_surveyask", "view_windowextension"],
    "cases": ["view_hubmember", "view_casereading"],
    "credits": ["view_accreditation", "view_creditline", "view_sessionidentifier", "view_certificate", "view_cycleclosing", "view_dryrun", "view_waiver", "view_auditpack", "view_auditpackdownload", "view_purge"],
    "outbox": ["view_outgoingmail", "view_mailattempt", "view_mailattachment", "view_mailhold"],
    "desk": ["view_groupmessage"],
}
ROLES = {
    "Program directors": [
        CONTEXT,
        PEOPLE,
        RECORDS,
        {"credits": ["close_cycle", "decide_waiver", "change_certificate", "make_auditpack"], "surveys": ["view_response"]},
    ],
    "Auditors": [CONTEXT, PEOPLE, RECORDS],
    "Evaluators": [
        CONTEXT,
        {
            "surveys": [
                "view_instrument", "add_instrument", "change_instrument", "delete_instrument",
                "view_question", "add_question", "change_question", "delete_question",
                "view_section", "add_section", "change_section", "delete_section",
                "view_choice", "add_choice", "change_choice", "delete_choice",
                "view_construct", "add_construct", "change_construct", "delete_construct",
                "view_surveyplan", "add_surveyplan", "change_surveyplan",
                "view_surveywindow",
                "view_response", "export_response",
            ],
        },
    ],
    "Support": [
        CONTEXT,
        PEOPLE,
        {
            "participants": ["view_categoryrequest", "view_participantview", "view_viewedpage", "view_as_participant"],
            "outbox": ["view_outgoingmail", "view_mailattempt", "view_mailattachment", "resend_mail"],
        },
    ],
    "Hub specialists": [
        CONTEXT,
        {"cases": ["view_hubmember", "view_recommendationletter", "view_suggestedrecommendation", "add_suggestedrecommendation", "change_suggestedrecommendation"]},
    ],
}
ALSO_COORDINATORS = {
    "participants": ["view_participantview", "view_viewedpage"],
    "sessions_app": ["view_mailwording"],
}


def rows_of(apps, wanted):
    permission_model = apps.get_model("auth", "Permission")
    rows = []
    for label, codenames in wanted.items():
        create_permissions(current_apps.get_app_config(label), verbosity=0)
        found = permission_model.objects.filter(content_type__app_label=label, codename__in=codenames)
        if missing := set(codenames) - {row.codename for row in found}:
            raise LookupError(f"no such permission in {label}: {sorted(missing)}")
        rows.extend(found)
    return rows


def add_roles(apps, schema_editor):
    group_model = apps.get_model("auth", "Group")
    for name, parts in ROLES.items():
        group, _created = group_model.objects.get_or_create(name=name)
        for part in parts:
            group.permissions.add(*rows_of(apps, part))
    group, _created = group_model.objects.get_or_create(name="Coordinators")
    group.permissions.add(*rows_of(apps, ALSO_COORDINATORS))


def remove_roles(apps, schema_editor):
    group_model = apps.get_model("auth", "Group")
    group_model.objects.filter(name__in=ROLES).delete()
    group = group_model.objects.filter(name="Coordinators").first()
    if group is not None:
        group.permissions.remove(*rows_of(apps, ALSO_COORDINATORS))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_handed_in_has_version"),
        ("credits", "0012_coordinators_close_and_audit"),
        ("desk", "0002_coordinators_write_to_groups"),
        ("outbox", "0005_holding_mail"),
        ("participants", "0005_looks_through_a_participants_eyes"),
        ("sessions_app", "0010_staff_scopes"),
        ("surveys", "0006_records_are_not_truncated"),
    ]
    operations = [migrations.RunPython(add_roles, remove_roles)]
