"""Records that accreditors may ask for are kept for six years after the cycle: the database refuses to delete them."""

from datetime import date

import pgtrigger


def keep_for_six_years(name: str, cycle_end: str, *, only_if: str = "") -> pgtrigger.Trigger:
    """A trigger that refuses a delete until six years after the date that the SQL expression `cycle_end` gives.

    `OLD` is the row to be deleted; where only some rows of a table are records, the SQL condition `only_if` says
    which. Foreign keys are checked at the end of a transaction only, so the cycle may be
    gone already: what has lost its cycle is kept, or deleting in the other order would be a way around this.
    Source: product rule 20; the accreditors' record-keeping terms.
    """
    passes = f"IF NOT ({only_if}) THEN RETURN OLD; END IF;" if only_if else ""
    return pgtrigger.Trigger(
        name=f"{name}_kept_six_years",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        declare=[("kept_until", "date")],
        func=f"""{passes}
            kept_until := {cycle_end} + INTERVAL '6 years';
            IF kept_until IS NULL OR kept_until >= CURRENT_DATE THEN
                RAISE EXCEPTION 'This record is kept until %: it cannot be deleted.',
                    COALESCE(kept_until::text, 'six years after its cycle')
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        """,
    )


def refuse_truncation(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses to empty a table of records at one stroke: TRUNCATE passes all triggers of rows by."""
    return pgtrigger.Trigger(
        name=f"{name}_not_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="""
            RAISE EXCEPTION 'Records of % are kept for six years: they are deleted row by row.', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        """,
    )


YEARS = 6


def kept_until(cycle_ends_on: date) -> date:
    """The last day on which the triggers refuse to delete a record of a cycle; PostgreSQL counts years the same way."""
    try:
        return cycle_ends_on.replace(year=cycle_ends_on.year + YEARS)
    except ValueError:
        # February 29 becomes the 28th.
        return cycle_ends_on.replace(year=cycle_ends_on.year + YEARS, day=28)
