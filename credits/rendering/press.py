"""Certificates in series: one skeleton for each kind, and of each certificate only what is its own.

Imports WeasyPrint, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from core.pdf import engine
from core.pdf.runs import UnfitTextError
from credits.facts import CertificateFacts

from .document import check, draw, pictures_of
from .images import qr_png
from .places import UnexpectedPageError
from .repertoire import repertoire_for
from .sentences import sentence_of
from .skeleton import Skeleton
from .table import UnfitTableError
from .wording import CertificateView, address, certificate_view

_SKELETONS_KEPT = 40
_DIGIT = re.compile("[0-9]")
_FIGURE = re.compile("[0-9]+([.,][0-9]+)?")
_TOKEN = re.compile("[A-Za-z0-9_-]+(?=/?$)")
_BLANK = "0"


@dataclass
class CertificatePress:
    """Draws certificates as `render_certificate` does, many times faster where many are of one kind.

    Which way a certificate takes, and so its bytes, depends on its facts alone. Keeps the skeletons of the last
    few kinds, some two megabytes each. Not for two threads at once beyond the engine's own lock.
    """

    drawn_in_series: int = 0
    drawn_alone: int = 0
    _skeletons: OrderedDict[object, Skeleton | None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def skeletons(self) -> int:
        """How many kinds of certificate are kept."""
        return len(self._skeletons)

    def render(self, facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
        """One certificate. Raises what `render_certificate` raises."""
        check(facts, signature_png=signature_png)
        with self._lock:
            pdf = self._in_series(facts, signature_png)
        if pdf is None:
            self.drawn_alone += 1
            return draw(facts, signature_png=signature_png)
        self.drawn_in_series += 1
        return pdf

    def _in_series(self, facts: CertificateFacts, signature_png: bytes | None) -> bytes | None:
        """The certificate put together from its kind's skeleton; None where it must be drawn alone."""
        view = certificate_view(facts)
        characters = repertoire_for(_own_words(view))
        if view.name_direction != "ltr" or view.supersedes or not view.rows or characters is None:
            return None
        try:
            sentence = sentence_of(view, version=facts.template_version)
        except UnexpectedPageError:
            return None
        kind = kind_of(view)
        key = (facts.template_version, facts.signature_sha256, characters, sentence.shape, kind)
        if key not in self._skeletons:
            neutral = replace(
                kind,
                attended_sessions=view.attended_sessions,
                attended_hours=view.attended_hours,
                earned=view.earned,
            )
            pictures = pictures_of(facts, signature_png=signature_png)
            pictures["echo:qr"] = qr_png(kind.verification_url)
            try:
                self._skeletons[key] = Skeleton(neutral, pictures, facts, repertoire=characters)
            except UnexpectedPageError:
                self._skeletons[key] = None
            while len(self._skeletons) > _SKELETONS_KEPT:
                self._skeletons.popitem(last=False)
        self._skeletons.move_to_end(key)
        skeleton = self._skeletons[key]
        if skeleton is None:
            return None
        try:
            with engine.exclusively():
                return skeleton.press(view, sentence, facts)
        except (UnfitTextError, UnfitTableError):
            return None


def kind_of(view: CertificateView) -> CertificateView:
    """The view without what is one person's: all that is left decides how the page is laid out."""
    url = _TOKEN.sub(lambda token: _BLANK * len(token[0]), view.verification_url)
    return replace(
        view,
        name="",
        number=_DIGIT.sub(_BLANK, view.number),
        attended_sessions=_FIGURE.sub(_BLANK, view.attended_sessions),
        attended_hours=_FIGURE.sub(_BLANK, view.attended_hours),
        earned=_FIGURE.sub(_BLANK, view.earned),
        rows=(),
        total_hours="",
        verification_url=url,
        verification_address=address(url),
    )


def _own_words(view: CertificateView) -> list[str]:
    """What is drawn with the repertoire: the rest of the page brings its own characters."""
    words = [view.name, view.number, view.verification_address, view.total_hours]
    for row in view.rows:
        words += [row.held_on, row.title, row.session_id, row.hours]
    return words
