"""Certificates a second of CPU, four ways in one run and in turn: other people and other sessions each time.

WeasyPrint used naively, as its documentation begins; the portal's way for one certificate; the portal's way for many;
and typst, a typesetter in Rust, with a page of its own that says the same.

./script/with-services --test python benchmarks/certificates.py [COUNT]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

import segno  # noqa: E402  # after Django is set up
import typst  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.utils.translation import override  # noqa: E402
from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

from core.pdf.engine import MARK  # noqa: E402
from core.pdf.fetcher import InMemoryFetcher  # noqa: E402
from credits.facts import CertificateFacts  # noqa: E402
from credits.management.samples import samples  # noqa: E402
from credits.rendering import document, render_certificate  # noqa: E402
from credits.rendering.press import CertificatePress  # noqa: E402
from credits.rendering.wording import certificate_view  # noqa: E402

# For each drawing the other ways do: the series is quick, and what it is slow at (a first of its kind, a name in
# another script) must have its share.
SERIES = 40


def naive(facts: CertificateFacts) -> bytes:
    """The portal's page as a beginner draws it: fonts and style anew, columns by content, pictures with alpha."""
    view = certificate_view(facts)
    with override(facts.language):
        html = render_to_string("credits/certificate.html", {"certificate": view, "density": "roomy"})
    code = BytesIO()
    segno.make_qr(facts.verification_url, error="m").save(code, kind="png", scale=4, border=0, light=None)
    pictures = InMemoryFetcher({"echo:mark": MARK, "echo:qr": code.getvalue()})
    fonts = FontConfiguration()
    style = (Path(document.__file__).parent / "certificate.css").read_text(encoding="utf-8")
    style = style.replace("table-layout: fixed;", "")
    pdf: bytes = HTML(string=html, url_fetcher=pictures).write_pdf(
        stylesheets=[CSS(string=style, font_config=fonts)],
        font_config=fonts,
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
    )
    return pdf


def plain(facts: CertificateFacts) -> bytes:
    """As one certificate is drawn: fonts and style shared by all documents of a process."""
    return render_certificate(facts, signature_png=None)


TYPST = """
#let it = json(bytes(sys.inputs.facts))
#set document(title: it.title, author: it.program)
#set page(width: 11in, height: 8.5in, margin: (x: 1.05in, y: 0.9in), footer: text(8pt, fill: rgb("#55605c"))[
  #it.number #h(1fr) #it.page_label #context counter(page).display() #it.page_of #context counter(page).final().first()
])
#set text(font: "Noto Sans", size: 9.5pt, lang: it.language, fill: rgb("#16211f"))
#let green = rgb("#0e5a4a")
#text(12.5pt, weight: "bold", fill: green)[ECHO Portal] #h(1fr) #it.hubs.join(" · ")\\
#it.program
#v(0.5in)
#text(17pt, font: "Noto Serif", fill: green)[= #it.title]
#text(30pt, font: "Noto Serif", it.name)
#text(14pt, font: "Noto Serif")[#it.attended #emph(it.accredited) #text(weight: "bold", fill: green, it.earned).]

#it.cycle

#text(8.5pt, weight: "bold", fill: green, it.accreditor)

#it.statement
#v(1fr)
#grid(columns: (2.9in, 1.75in, 1fr, 1in),
  [*#it.physician*\\ #it.physician_title],
  [#it.number\\ #it.issued],
  align(right, link(it.url, it.address)),
  image(bytes(sys.inputs.code), format: "svg", width: 1in, alt: it.address))
#pagebreak()
#text(15pt, font: "Noto Serif", fill: green)[== #it.heading]
#it.name
#table(columns: (1.55in, 1fr, 1.9in, 0.8in), stroke: (bottom: 0.4pt + rgb("#ddd8cc")),
  table.header(..it.columns),
  ..it.rows.flatten(),
  table.cell(colspan: 3)[*Total*], strong(it.total))
"""


def typeset(compiler: typst.Compiler, facts: CertificateFacts) -> bytes:
    """A page of its own with the same words, tagged (PDF/UA-1); typst does not write PDF/A-3a and PDF/UA-1 at once."""
    view = certificate_view(facts)
    code = BytesIO()
    segno.make_qr(facts.verification_url, error="m").save(code, kind="svg", border=0)
    values = {
        "language": view.language,
        "title": view.document_title,
        "program": view.program_name,
        "hubs": view.hubs,
        "name": view.name,
        "attended": f"{view.attended_sessions} ({view.attended_hours})",
        "accredited": view.accredited_title,
        "earned": view.earned,
        "cycle": f"{view.cycle_name} · {view.cycle_dates} · {view.place}",
        "accreditor": view.accreditor,
        "statement": view.statement,
        "physician": view.physician_name,
        "physician_title": view.physician_title,
        "number": view.number,
        "issued": view.issued_on,
        "url": view.verification_url,
        "address": view.verification_address,
        "heading": "Sessions",
        "columns": ["Date", "Title", "Session ID", "Hours"],
        "rows": [[row.held_on, row.title, row.session_id, row.hours] for row in view.rows],
        "total": view.total_hours,
        "page_label": view.page_label,
        "page_of": view.page_of,
    }
    inputs = {"facts": json.dumps(values), "code": code.getvalue().decode()}
    pdf = compiler.compile(TYPST.encode(), format="pdf", pdf_standards="ua-1", sys_inputs=inputs)
    assert isinstance(pdf, bytes)
    return pdf


def seconds(draw: Callable[[CertificateFacts], object], *facts: CertificateFacts) -> float:
    """CPU seconds of one drawing, on average."""
    start = time.process_time()
    for each in facts:
        draw(each)
    return (time.process_time() - start) / len(facts)


def main() -> None:
    """Draw in turn; print medians, and the ratios of each turn's times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    press = CertificatePress()
    compiler = typst.Compiler(TYPST.encode())

    def series(facts: CertificateFacts) -> bytes:
        return press.render(facts, signature_png=None)

    def other(facts: CertificateFacts) -> bytes:
        return typeset(compiler, facts)

    ways: dict[str, Callable[[CertificateFacts], object]] = {
        "WeasyPrint, naive": naive,
        "portal, one": plain,
        "portal, many": series,
        "typst": other,
    }
    people = samples(count * SERIES + 1)
    first = next(people)
    for way in ways.values():
        way(first)
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _turn in range(count):
        batch = [next(people) for _person in range(SERIES)]
        for name, way in ways.items():
            spent[name].append(seconds(way, *(batch if way is series else batch[:1])))
    print(
        f"{count} turns, {SERIES} certificates in each for the series and one for the others; CPU of one process"
    )
    print(f"series: {press.drawn_alone} of {count * SERIES + 1} drawn alone, {press.skeletons} skeletons")
    for name, times in spent.items():
        middle, mean = statistics.median(times), statistics.fmean(times)
        print(
            f"{name:20} {middle * 1000:7.1f} ms median  {mean * 1000:7.1f} ms mean  {1 / mean:7.1f} a second of CPU"
        )
    for name in ("portal, one", "portal, many", "typst"):
        medians = statistics.median(spent["WeasyPrint, naive"]) / statistics.median(spent[name])
        means = statistics.fmean(spent["WeasyPrint, naive"]) / statistics.fmean(spent[name])
        print(f"naive : {name:15} {medians:6.2f} of medians  {means:6.2f} of means, all costs included")
    one, many = spent["portal, one"], spent["portal, many"]
    print(
        f"one : many            {statistics.median(one) / statistics.median(many):6.2f} of medians  "
        f"{statistics.fmean(one) / statistics.fmean(many):6.2f} of means"
    )


if __name__ == "__main__":
    main()
