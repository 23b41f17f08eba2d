"""Migrations that change many columns at once, in a fraction of the time."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Run operations one after the other in the database, but draw the models anew once, not after each.

    Django makes all classes of a project's models again for each operation, which takes a large part of a second: two
    minutes over all migrations, where it is seconds this way. Here they are made twice: as they were before all of the
    operations, and as they are after all. So no operation may need a state in between: models that are made in a group
    get their later columns and constraints in another one, and no field is altered twice.
    """

    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)

    def deconstruct(self) -> Any:
        """As every operation is written."""
        return (self.__class__.__name__, [self.operations], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state's descriptions alone; its classes are made when somebody asks for them."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Each in its order, from what was before all to what is after all."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """The last one first. A constraint goes from the model as it is: its columns may go with it, after it."""
        for operation in reversed(self.operations):
            is_constraint = isinstance(operation, AddConstraint)
            target = from_state if is_constraint else to_state
            operation.database_backwards(app_label, schema_editor, from_state, target)

    def describe(self) -> str:
        """For `migrate --plan`."""
        return "; ".join(operation.describe() for operation in self.operations)
