"""The models are loaded once, read alike in any case and never import the network's own client."""

import subprocess
import sys
import threading

import pytest

from cases.deidentification import models


def reading(text, cased=None):
    return models.read(text, cased=cased or text, french=False, english=True)


@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_network_reads_names_in_any_case(case):
    text = case("Thank you for seeing Margaret Pettigrew about her knee.")
    start = text.lower().index("margaret")
    assert reading(text).name(start, start + len("margaret pettigrew")) > 0.8


def test_network_reads_towns():
    text = "She lives in Brantford with her son."
    assert reading(text).town(13, 22) > 0.5


def test_long_text_is_read_to_its_end():
    text = "Pain is seven of ten and sleep is poor. " * 300 + "Her name is Priyanka Raghunathan."
    assert reading(text).name(len(text) - 21, len(text) - 1) > 0.5


def test_every_token_is_read_once_and_in_order():
    tokens = reading("Gabapentin helped the burning pain of both feet. " * 60).tokens
    assert [token.start for token in tokens] == sorted({token.start for token in tokens})


def test_empty_text_holds_nothing():
    assert reading("") == models.Reading((), (), (), ())


def test_models_are_loaded_once_for_all_threads():
    found = []
    threads = [threading.Thread(target=lambda: found.append(models._network())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_import_loads_no_model():
    code = (
        "import sys; import cases.deidentification; "
        "print([name for name in ('spacy', 'onnxruntime', 'tokenizers', 'numpy', 'arcjet') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_reading_never_imports_the_client_of_the_service():
    reading("Mrs. Brown has pain.")
    assert "arcjet" not in sys.modules
