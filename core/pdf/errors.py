"""Why a document could not be drawn. Each message is fit for a coordinator's list of failures."""


class PdfEngineMissingError(Exception):
    """WeasyPrint cannot be loaded here, most likely for want of Pango."""


class RenderingError(Exception):
    """What was given cannot become a correct document; trying again helps once the cause is mended."""


class UnprintableTextError(RenderingError):
    """A character of the text is in no installed font; an empty box in a document is refused."""
