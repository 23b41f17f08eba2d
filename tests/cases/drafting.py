"""What a browser sends of a case's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from cases.content import FIELDS, Kind


def typed(content: Mapping[str, Any], **more: Any) -> QueryDict:
    """The fields of the form, filled in with `content` and with `more` by the fields' names."""
    sent = QueryDict(mutable=True)
    sent["medication_rows"] = str(max(len(content.get("medications", [])), 1))
    for key, value in content.items():
        match FIELDS[key].kind:
            case Kind.MEDICATIONS:
                for number, row in enumerate(value):
                    for part, text in row.items():
                        sent[f"medications-{number}-{part}"] = text
            case Kind.CODES:
                sent.setlist(key, value)
            case Kind.FLAG:
                sent[key] = "on"
            case _:
                sent[key] = "97" if value == "90+" else str(value)
    for name, value in more.items():
        sent[name] = str(value)
    return sent
