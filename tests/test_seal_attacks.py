"""Sealed PDFs in the hands of somebody who wants them to say something else: none of it may look sealed."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from seals import Clock, Office, a_print, a_seal, an_office, seal_one, trust

from qmanual.model.seal import Level
from qmanual.seal import Examined
from qmanual.seal.examining import bears_seal, examined
from qmanual.seal.values import FIELD, TIME
from qmanual.signing import Refused

LEVELS = tuple(Level)


class Files(dict[Level, bytes]):
    """A print sealed at each level, too long to be shown."""

    def __repr__(self) -> str:
        return "sealed"


@pytest.fixture(scope="module")
def office() -> Office:
    return an_office()


@pytest.fixture(scope="module")
def clock(office: Office) -> Clock:
    return Clock(office.clock())


@pytest.fixture(scope="module")
def sealed(office: Office, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("attack")
    return Files({level: seal_one(a_print(), a_seal(), office, clock, folder, level) for level in LEVELS})


def seen(data: bytes, known: Office) -> tuple[Examined, ...]:
    """What is found in it; nothing where it cannot even be read."""
    try:
        return examined(data, trust(known), datetime.now(UTC))
    except Refused:
        return ()


def proven(data: bytes, known: Office) -> bool:
    found = seen(data, known)
    return bool(found) and all(one.intact and one.whole and one.stamp_intact for one in found)


def test_before_the_attacks(sealed: Files, office: Office) -> None:
    assert all(proven(data, office) for data in sealed.values())


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_bit_counts(
    sealed: Files,
    office: Office,
    level: Level,
    where: float,
    bit: int,
) -> None:
    """Any bit of the file, except that of a digit that is written as a capital: that names the same byte."""
    data = bytearray(sealed[level])
    at = int(where * len(data))
    data[at] ^= 1 << bit
    same = bytes(data).lower() == sealed[level].lower()
    assert same or not proven(bytes(data), office) or _in_proof(sealed[level], at)


def _in_proof(data: bytes, at: int) -> bool:
    """In a signature itself: what of it nothing signs (the certificates beside it, a time stamp's) proves nothing."""
    begin = 0
    while (begin := data.find(b"/Contents <", begin)) >= 0:
        end = data.index(b">", begin)
        if begin < at <= end:
            return True
        begin = end
    return False


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("tail", [b" ", b"\n%%EOF\n", b"% harmless\n", b"\0" * 100])
def test_anything_behind_the_end(sealed: Files, office: Office, level: Level, tail: bytes) -> None:
    assert not proven(sealed[level] + tail, office)


# -- changes that the file format allows ---------------------------------------------------------------------------


def other_text(writer: IncrementalPdfFileWriter) -> None:
    page: Any = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def overlay(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject({
        generic.NameObject("/Type"): generic.NameObject("/Annot"),
        generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
        generic.NameObject("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (50, 50, 500, 800)]),
        generic.NameObject("/Contents"): generic.TextStringObject("作废的要求"),
    })  # fmt: skip
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))


def other_title(writer: IncrementalPdfFileWriter) -> None:
    names = generic.DictionaryObject({generic.NameObject("/Title"): generic.TextStringObject("别的文件")})
    writer.set_info(writer.add_object(names))


def other_look(writer: IncrementalPdfFileWriter) -> None:
    field: Any = next(one for one in writer.root["/AcroForm"]["/Fields"] if one.get_object()["/T"] == FIELD)
    stream: Any = field.get_object()["/AP"]["/N"]
    stream._data, stream._encoded_data = b"", None
    writer.update_container(stream)


def no_more_field(writer: IncrementalPdfFileWriter) -> None:
    form: Any = writer.root["/AcroForm"]
    form[generic.NameObject("/Fields")] = generic.ArrayObject([])
    writer.update_container(form)
    writer.update_root()


def other_catalog(writer: IncrementalPdfFileWriter) -> None:
    writer.root[generic.NameObject("/OpenAction")] = generic.ArrayObject([])
    writer.update_root()


CHANGES = (other_text, overlay, other_title, other_look, no_more_field, other_catalog)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_an_appended_change(
    sealed: Files,
    office: Office,
    level: Level,
    change: Callable[[IncrementalPdfFileWriter], None],
) -> None:
    assert not proven(appended(sealed[level], change), office)


def appended(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    held = io.BytesIO()
    writer.write(held)
    assert held.getvalue().startswith(data) and len(held.getvalue()) > len(data)
    return held.getvalue()


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_a_change_under_a_true_time_stamp(
    sealed: Files,
    office: Office,
    clock: Clock,
    change: Callable[[IncrementalPdfFileWriter], None],
) -> None:
    """Anybody can buy a time stamp over what he changed: it may hide nothing that came between seal and stamp."""
    from qmanual.seal.signing import _authority

    archived = sealed[Level.ARCHIVED]
    first = archived[: archived.index(b"%%EOF", archived.index(b"/SubFilter /ETSI.CAdES")) + 6]
    assert b"/DocTimeStamp" not in first and len(first) < len(archived)
    writer = IncrementalPdfFileWriter(io.BytesIO(first))
    writer._update_meta = lambda: None  # type: ignore[method-assign]

    def stamped(data: IncrementalPdfFileWriter) -> bytes:
        settings_ = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
        made = PdfTimeStamper(_authority(clock), field_name=TIME).timestamp_pdf(data, "sha256", dss_settings=settings_)
        return bytes(made.getbuffer())

    assert proven(stamped(writer), office)
    writer = IncrementalPdfFileWriter(io.BytesIO(first))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    change(writer)
    try:
        done = stamped(writer)
    except Exception:  # the field for the time stamp went with the change
        assert change is no_more_field
        return
    found = seen(done, office)
    assert change is no_more_field or found
    assert not proven(done, office)


# -- a seal from elsewhere -----------------------------------------------------------------------------------------


def test_rewritten_by_another_program(sealed: Files, office: Office, tmp_path: Path) -> None:
    for data in sealed.values():
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pdf.save(tmp_path / "new.pdf")
        assert not proven((tmp_path / "new.pdf").read_bytes(), office)


def test_the_seal_of_another_file(
    sealed: Files,
    office: Office,
    clock: Clock,
    tmp_path: Path,
) -> None:
    with pikepdf.open(io.BytesIO(a_print())) as pdf:
        pdf.docinfo["/Subject"] = "QP-99 A/9"
        pdf.save(tmp_path / "other.pdf")
    other = seal_one((tmp_path / "other.pdf").read_bytes(), a_seal(), office, clock, tmp_path)
    assert proven(other, office)
    mine, theirs = (_contents(data) for data in (sealed[Level.BASIC], other))
    size = max(mine[1] - mine[0], theirs[1] - theirs[0])
    assert size == mine[1] - mine[0] == theirs[1] - theirs[0]
    pasted = other[: theirs[0]] + sealed[Level.BASIC][mine[0] : mine[1]] + other[theirs[1] :]
    (found,) = seen(pasted, office)
    assert not found.intact and not found.whole


def _contents(data: bytes) -> tuple[int, int]:
    begin = data.index(b"/Contents <") + 10
    return begin, data.index(b">", begin) + 1


def test_a_seal_taken_off(sealed: Files, office: Office) -> None:
    assert not bears_seal(sealed[Level.BASIC][: len(a_print())])
    assert not proven(a_print(), office)


def test_a_gap_too_wide(sealed: Files, office: Office) -> None:
    """What the signature leaves out may hold the signature alone."""
    data = sealed[Level.BASIC]
    begin, end = _contents(data)
    for place in (begin + 1, end - 3):
        padded = data[:place] + b"00" + data[place + 2 :]
        assert padded == data or not proven(padded, office)
    junk = data[: end - 9] + b"41414141" + data[end - 1 :]
    assert not proven(junk, office)


@pytest.mark.parametrize(
    "data",
    [b"/ByteRange", b"%PDF-1.7\n/ByteRange [0 1 2 3]\n%%EOF", b"%PDF-1.7\nxref\n0 0\ntrailer<</Root 1 0 R>>/ByteRange"],
)
def test_what_is_no_pdf(data: bytes) -> None:
    with pytest.raises(Refused):
        examined(data, trust(Office()), datetime.now(UTC))
