"""The message catalogue: every text has its Chinese, none is left over, and what is compiled is what was written."""

from string import Formatter

import pytest

from tools.catalogue import MO, PO, catalogue, read, rendered, texts

TEXTS = texts()
CHINESE = read(PO)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_text_has_chinese() -> None:
    assert [text for text in TEXTS if not CHINESE.get(text)] == []


def test_no_text_is_left_over() -> None:
    assert [text for text in CHINESE if text not in TEXTS] == []


@pytest.mark.parametrize("text", CHINESE, ids=lambda text: text[:40])
def test_placeholders_are_the_same(text: str) -> None:
    assert placeholders(CHINESE[text]) == placeholders(text)


def test_compiled_is_what_was_written() -> None:
    po, mo = rendered(catalogue(CHINESE))
    assert (PO.read_bytes() == po, MO.read_bytes() == mo) == (True, True), "run: tools/catalogue.py update"
