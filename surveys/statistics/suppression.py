"""Which groups are too small to be shown, and which must go with them."""

from collections.abc import Mapping, Sequence

_LEAST_MINIMUM = 3  # below, a hidden small group could only be of one


def suppressed(counts: Mapping[str, int], minimum: int = 5) -> frozenset[str]:
    """The groups not to be shown, where the total of all groups is known: `suppressed_in_all` of one table."""
    return suppressed_in_all([counts], minimum)


def suppressed_in_all(tables: Sequence[Mapping[str, int]], minimum: int = 5) -> frozenset[str]:
    """The groups not to be shown in any of several tables over the same groups (n pre, n post, n paired).

    The rule (product rule 31: groups under five, also by subtraction):

    1. A group that counts 1 to minimum − 1 in a table is hidden, in all tables.
    2. Groups of 0 in that table are hidden with it. Were they shown, whoever sees five hidden groups and subtracts 5
       people would know that each is of one. Where a table has no small group, a 0 is shown.
    3. While something is hidden, each table must hide at least two groups and `minimum` people, and not all hidden
       groups may be of the same number of minimum − 1 or more. Else the smallest group shown that has people in that
       table is hidden too, together with all others just as small there. A table without people is left out of this.

    What it promises: someone who knows every total, every group shown and this rule cannot tell how many are in any one
    small hidden group. The rule looks at counts and not at names, so two hidden groups could as well change places; and
    where all are alike, below minimum − 1, one person could as well be in the next group. That is why groups equally
    small go together. Where everything is hidden there is nothing more to hide: a total under the minimum, and the
    total of a table of a single group, are the caller's not to show. What is known of the same people by other
    groupings is beyond this rule.

    ValueError if the tables are not over the same groups, a count is negative, or the minimum is under three.
    """
    if minimum < _LEAST_MINIMUM:
        raise ValueError(f"the minimum is at least {_LEAST_MINIMUM}")
    groups = frozenset(tables[0]) if tables else frozenset()
    for counts in tables:
        if counts.keys() != groups:
            raise ValueError("the tables are not over the same groups")
        if any(count < 0 for count in counts.values()):
            raise ValueError("a count is negative")
    hidden = frozenset().union(*(_small(counts, minimum) for counts in tables))
    while hidden and hidden != groups:
        revealing = next((counts for counts in tables if _reveals(counts, hidden, minimum)), None)
        if revealing is None:
            break
        shown = {group: revealing[group] for group in groups - hidden}
        smallest = min((count for count in shown.values() if count), default=0)
        hidden |= {group for group, count in shown.items() if count == smallest}
    return hidden


def _small(counts: Mapping[str, int], minimum: int) -> frozenset[str]:
    below = frozenset(group for group, count in counts.items() if count < minimum)
    return below if any(counts[group] for group in below) else frozenset()


def _reveals(counts: Mapping[str, int], hidden: frozenset[str], minimum: int) -> bool:
    """Whether subtracting what is shown from the total would tell too much of what is hidden."""
    if not any(counts.values()):
        return False
    values = [counts[group] for group in hidden]
    alike = min(values) == max(values) >= minimum - 1
    return len(values) < 2 or sum(values) < minimum or alike
