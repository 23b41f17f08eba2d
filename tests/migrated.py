"""What migrations put into the database, put back: a test with real transactions begins with an empty one."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps


def put_roles_back() -> None:
    """The roles with all that later migrations gave them."""
    import_module("credits.migrations.0003_coordinator_role").add_role(apps, None)
    import_module("credits.migrations.0006_coordinators_register_people").widen_role(apps, None)
    import_module("credits.migrations.0007_coordinators_run_the_season").widen_role(apps, None)
    import_module("credits.migrations.0008_coordinators_review_cases").widen_role(apps, None)
    import_module("credits.migrations.0009_coordinators_run_the_surveys").widen_roles(apps, None)
    import_module("credits.migrations.0012_coordinators_close_and_audit").widen_role(apps, None)
    import_module("desk.migrations.0002_coordinators_write_to_groups").widen_role(apps, None)
    import_module("desk.migrations.0003_roles").add_roles(apps, None)


def put_agreements_back() -> None:
    """The first version of each agreement."""
    import_module("participants.migrations.0003_first_agreements").add_texts(apps, None)
