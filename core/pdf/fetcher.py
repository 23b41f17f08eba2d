"""The only way a page being drawn can reach anything: a handful of pictures held in memory.

Imports WeasyPrint, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse


class InMemoryFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types.
    """Answers exactly the addresses it was given; refuses every other one, whatever its scheme.

    WeasyPrint turns the ValueError into a logged, missing resource: nothing crashes and nothing is fetched.
    """

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._pictures = dict(pictures)

    def fetch(self, url: str, _headers: object = None) -> URLFetcherResponse:
        """The picture known by exactly this address. Raises ValueError for any other."""
        picture = self._pictures.get(url)
        if picture is None:
            raise ValueError("a document fetches nothing")
        kind = "image/svg+xml" if picture.startswith(b"<svg") else "image/png"
        return URLFetcherResponse(url, picture, {"Content-Type": kind})
