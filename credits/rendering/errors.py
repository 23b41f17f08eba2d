"""Why a certificate could not be drawn. Each message is fit for a coordinator's list of failures."""


class PdfEngineMissingError(Exception):
    """WeasyPrint cannot be loaded here, most likely for want of Pango."""


class RenderingError(Exception):
    """These facts cannot become a correct document; trying again helps once the cause is mended."""


class UnknownTemplateError(RenderingError):
    """The facts name a template version this release does not have."""


class SignatureError(RenderingError):
    """The signature image is missing, unreadable, or not the one the facts were frozen with."""


class UnprintableTextError(RenderingError):
    """A character of the text is in no installed font; an empty box on a certificate is refused."""
