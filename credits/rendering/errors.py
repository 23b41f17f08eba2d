"""Why a certificate could not be drawn. Each message is fit for a coordinator's list of failures."""

from core.pdf import RenderingError


class UnknownTemplateError(RenderingError):
    """The facts name a template version this release does not have."""


class SignatureError(RenderingError):
    """The signature image is missing, unreadable, or not the one the facts were frozen with."""
