"""What the portal is told by its environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str | None = None, *, how: str = "") -> str:
    """The value of `name`, or the content of the file that `name`_FILE points to (container secrets).

    Raises ImproperlyConfigured, naming the variable and how to set it, where there is neither value nor default.
    """
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read: {error}"
            ) from error
    if default is not None:
        return default
    raise ImproperlyConfigured(
        f"The setting {name} is missing. Set it in the environment, or put it in a file and set {name}_FILE. {how}"
    )
