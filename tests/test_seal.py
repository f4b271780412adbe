"""Seals as they are set: what a reader sees, what a checker says, what the bytes prove, with good keys and with bad."""

import io
import shutil
import subprocess
import sys
import traceback
import types
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from seals import (
    COMPANY,
    DAY,
    LOOK,
    WORD,
    Clock,
    Office,
    Party,
    a_print,
    a_seal,
    an_office,
    asn1,
    key_of,
    seal_one,
    trust,
)
from test_pdf import page, png, print_all
from test_pdf_archival import faults

from qmanual.language import Translator
from qmanual.model.seal import Level, Place, Seal
from qmanual.parse.settings import read_settings
from qmanual.pdf import Job, Printed
from qmanual.seal import Standing
from qmanual.seal.examining import bears_seal, examined
from qmanual.seal.key import Key, open_key, password
from qmanual.seal.room import MM, painted, room
from qmanual.seal.signing import sealed
from qmanual.seal.trust import Trust, judged, read_trust
from qmanual.service.sealing import Sealing
from qmanual.signing import Refused
from qmanual.source import SourceFile
from qmanual.workspace import CannotRun

LEVELS = tuple(Level)


@pytest.fixture(scope="module")
def print_() -> bytes:
    return a_print()


@pytest.fixture(scope="module")
def office() -> Office:
    return an_office()


@pytest.fixture(scope="module")
def good() -> Party:
    return a_seal()


@pytest.fixture(scope="module")
def clock(office: Office) -> Clock:
    return Clock(office.clock(end=3000 * DAY))


# -- a good seal ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", list(Place))
def test_every_level_and_place(
    level: Level, place: Place, print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path
) -> None:
    known, look = trust(office), replace(LOOK, place=place)
    done, seen = sealed(print_, key_of(good, tmp_path, known), level, look, known, datetime.now(UTC), clock)
    assert seen is place.seen
    assert done.startswith(print_) and done != print_
    (found,) = examined(done, known, datetime.now(UTC))
    assert (found.intact, found.whole, found.closed, found.level) == (True, True, True, level)
    assert (found.signer, found.organization, found.reason) == ("质量体系文件专用章", COMPANY, "批准发布")
    assert found.certificate.standing is Standing.TRUSTED and found.certificate.asked
    assert (found.stamp is None) is (level is Level.BASIC)
    assert level is Level.BASIC or (found.stamp and found.stamp.standing is Standing.TRUSTED and found.stamp_intact)
    (tmp_path / "sealed.pdf").write_bytes(done)
    assert faults(tmp_path / "sealed.pdf") == []
    _keeps_what_it_says(print_, done)


def _keeps_what_it_says(before: bytes, after: bytes) -> None:
    """PDF/A and PDF/UA by their objects: metadata and pages as they were, the field printed, tagged and in words."""
    with pikepdf.open(io.BytesIO(before)) as old, pikepdf.open(io.BytesIO(after)) as new:
        assert old.Root.Metadata.read_bytes() == new.Root.Metadata.read_bytes()
        assert str(old.docinfo) == str(new.docinfo)
        assert [one.Contents.read_bytes() for one in old.pages] == [one.Contents.read_bytes() for one in new.pages]
        numbers = new.Root.StructTreeRoot.ParentTree.Nums
        parents = {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
        assert len(parents) == len(numbers) // 2 == int(new.Root.StructTreeRoot.ParentTreeNextKey)
        fields = list(new.Root.AcroForm.Fields)
        assert 1 <= len(fields) <= 2
        for field in fields:
            assert int(field.F) & 6 == 4
            assert str(field.TU)
            element = parents[int(field.StructParent)]
            assert element.S == "/Form" and element.K.Obj.objgen == field.objgen
            if float(field.Rect[2]) - float(field.Rect[0]):
                assert "/Font" not in field.AP.N.get("/Resources", {})


def test_poppler_agrees(print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path) -> None:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig (Debian: poppler-utils) is not installed")
    done = seal_one(print_, good, office, clock, tmp_path)
    assert "Signature is Valid" in _pdfsig(done, tmp_path) and "Total document signed" in _pdfsig(done, tmp_path)
    at = print_.index(b"stream") + 40
    changed = done[:at] + bytes([done[at] ^ 1]) + done[at + 1 :]
    assert "Digest Mismatch" in _pdfsig(changed, tmp_path)
    assert not examined(changed, trust(office), datetime.now(UTC))[0].intact


def _pdfsig(data: bytes, folder: Path) -> str:
    (folder / "p.pdf").write_bytes(data)
    return subprocess.run(
        ["pdfsig", "-nocert", "p.pdf"], cwd=folder, capture_output=True, text=True, check=False
    ).stdout


def test_elliptic_curves_too(print_: bytes, office: Office, clock: Clock, tmp_path: Path) -> None:
    done = seal_one(print_, office.seal(curve=True), office, clock, tmp_path)
    assert examined(done, trust(office), datetime.now(UTC))[0].whole


def test_a_picture_as_the_seal(print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path) -> None:
    known = trust(office)
    look = replace(LOOK, picture=png())
    done, _ = sealed(print_, key_of(good, tmp_path, known), Level.BASIC, look, known, datetime.now(UTC), clock)
    (tmp_path / "sealed.pdf").write_bytes(done)
    assert faults(tmp_path / "sealed.pdf") == []
    assert examined(done, known, datetime.now(UTC))[0].whole


def test_no_seal_in_a_print(print_: bytes) -> None:
    assert not bears_seal(print_)
    assert examined(print_, Trust(), datetime.now(UTC)) == ()


# -- its place -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("low", [False, True])
def test_a_seal_covers_nothing(print_: bytes, low: bool) -> None:
    sizes = [(size * MM, size * MM) for size in (36, 28, 20)]
    with pikepdf.open(io.BytesIO(print_)) as pdf:
        for one in pdf.pages:
            taken = [box for box in painted(one) if (box[2] - box[0]) * (box[3] - box[1]) < 0.6 * 595 * 842]
            assert len(taken) > 5
            found = room(one, sizes, low=low)
            for box in taken if found else ():
                apart = box[0] >= found[2] or box[2] <= found[0] or box[1] >= found[3] or box[3] <= found[1]  # type: ignore[index]
                assert apart, (box, found)


def test_a_full_page_has_no_room(tmp_path: Path) -> None:
    job = Job("a.pdf", "A", page(f"<p>{'满页的文字。' * 3000}</p>"))
    assert isinstance(print_all([job], tmp_path, tmp_path, workers=1)[0], Printed)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert room(pdf.pages[0], [(20 * MM, 20 * MM)], low=False) is None


# -- certificates that are no good ---------------------------------------------------------------------------------


BAD = (Standing.EXPIRED, Standing.NOT_YET, Standing.REVOKED, Standing.USAGE, Standing.UNKNOWN)


def bad(office: Office) -> Mapping[Standing, Party]:
    revoked = office.seal()
    office.revoke(revoked, office.now - DAY)
    return {
        Standing.EXPIRED: office.seal(begin=-30 * DAY, end=-DAY),
        Standing.NOT_YET: office.seal(begin=DAY, end=30 * DAY),
        Standing.REVOKED: revoked,
        Standing.USAGE: office.seal(signing=False),
        Standing.UNKNOWN: office.seal(alone=True),
    }


@pytest.mark.parametrize("standing", BAD)
def test_a_bad_certificate_neither_seals_nor_proves(
    standing: Standing, print_: bytes, clock: Clock, tmp_path: Path
) -> None:
    office = Office()
    party = bad(office)[standing]
    known = trust(office)
    path = party.file(tmp_path / "bad.p12")
    sealing = Sealing(Seal(key=str(path)), tmp_path / "manual", COMPANY, Translator("zh"), datetime.now(UTC))
    sealing.__dict__["trust"] = known
    with pytest.raises(CannotRun) as refused:
        sealing.opened(lambda name: WORD)
    assert refused.value.details["name"] == "质量体系文件专用章"
    (found,) = examined(seal_one(print_, party, office, clock, tmp_path), known, datetime.now(UTC))
    assert found.intact and found.certificate.standing is standing


@pytest.mark.parametrize("usage", [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.TIME_STAMPING])
def test_a_certificate_for_something_else(office: Office, usage: ExtendedKeyUsageOID) -> None:
    party = office.seal(extended=usage)  # type: ignore[arg-type]
    assert judged(asn1(party.certificate), trust(office), datetime.now(UTC)).standing is Standing.USAGE


def test_of_a_stranger_with_the_same_name(print_: bytes, office: Office, clock: Clock, tmp_path: Path) -> None:
    theirs = Office()
    done = seal_one(print_, theirs.seal(), theirs, clock, tmp_path)
    assert examined(done, trust(office), datetime.now(UTC))[0].certificate.standing is Standing.UNKNOWN
    assert examined(done, Trust(), datetime.now(UTC))[0].certificate.standing is Standing.UNPROVEN


def test_without_its_chain(print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path) -> None:
    for known, standing in ((trust(office), Standing.TRUSTED), (trust(office, links=False), Standing.UNKNOWN)):
        key = key_of(good, tmp_path, known, chain=False)
        assert judged(key.certificate, known, datetime.now(UTC), key.others).standing is standing
        done, _ = sealed(print_, key, Level.BASIC, LOOK, known, datetime.now(UTC), clock)
        assert examined(done, known, datetime.now(UTC))[0].certificate.standing is standing


# -- time ----------------------------------------------------------------------------------------------------------


def test_a_time_stamp_outlives_the_certificate(
    print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path
) -> None:
    later = datetime.now(UTC) + 900 * DAY
    for level, standing in ((Level.BASIC, Standing.EXPIRED), (Level.STAMPED, Standing.TRUSTED)):
        (found,) = examined(seal_one(print_, good, office, clock, tmp_path, level), trust(office), later)
        assert found.certificate.standing is standing


def test_an_archive_outlives_the_authority(print_: bytes, office: Office, good: Party, tmp_path: Path) -> None:
    """With the archive time stamp the certificate of the first one is judged as of the archive's moment."""
    first = Clock(office.clock(end=20 * DAY))
    done = seal_one(print_, good, office, first, tmp_path, Level.STAMPED)
    (found,) = examined(done, trust(office), datetime.now(UTC) + 40 * DAY)
    assert found.stamp and found.stamp.standing is Standing.EXPIRED
    done = seal_one(print_, good, office, Clock(office.clock(end=3000 * DAY)), tmp_path, Level.ARCHIVED)
    (found,) = examined(done, read_trust({"root": office.root.pem}, {}), datetime.now(UTC) + 1000 * DAY)
    assert found.level is Level.ARCHIVED and found.certificate.standing is Standing.TRUSTED and found.whole


def test_revoked_before_and_after(print_: bytes, clock: Clock, tmp_path: Path) -> None:
    office = Office()
    party, clock = office.seal(), Clock(office.clock())
    done = seal_one(print_, party, office, clock, tmp_path, Level.STAMPED)
    plain = seal_one(print_, party, office, clock, tmp_path)
    office.revoke(party, office.now + timedelta(hours=1))
    after = datetime.now(UTC) + 2 * DAY
    assert examined(done, trust(office), after)[0].certificate.standing is Standing.TRUSTED
    assert examined(plain, trust(office), after)[0].certificate.standing is Standing.REVOKED
    office.revoked.clear()
    office.revoke(party, office.now - timedelta(hours=1))
    assert examined(done, trust(office), after)[0].certificate.standing is Standing.REVOKED


def test_without_a_list_nobody_knows(print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path) -> None:
    known = read_trust({"root": office.root.pem}, {})
    found = examined(seal_one(print_, good, office, clock, tmp_path), known, datetime.now(UTC))[0].certificate
    assert (found.standing, found.asked) == (Standing.TRUSTED, False)


def test_the_archive_level_needs_the_lists(
    print_: bytes, office: Office, good: Party, clock: Clock, tmp_path: Path
) -> None:
    known = read_trust({"root": office.root.pem, "link": office.link.pem}, {})
    with pytest.raises(Refused, match=r"seal\.revoked"):
        sealed(print_, key_of(good, tmp_path, known), Level.ARCHIVED, LOOK, known, datetime.now(UTC), clock)


# -- keys and passwords --------------------------------------------------------------------------------------------


def test_key_files_that_do_not_open(good: Party, tmp_path: Path) -> None:
    path = good.file(tmp_path / "seal.p12")
    nothing = Trust()

    def opened(place: Path, word: str = WORD, root: Path = tmp_path / "manual") -> Key:
        return open_key(Seal(key=str(place)), root, nothing, lambda name: word)

    with pytest.raises(Refused, match="password is wrong") as wrong:
        opened(path, "not this one")
    assert "not this one" not in repr(wrong.value.details) + str(wrong.value)
    assert wrong.value.__suppress_context__
    (tmp_path / "short.p12").write_bytes(path.read_bytes()[:-200])
    (tmp_path / "text.p12").write_text("no key at all", encoding="utf-8")
    for name in ("short.p12", "text.p12"):
        with pytest.raises(Refused, match="damaged"):
            opened(tmp_path / name)
    with pytest.raises(Refused, match="no key file"):
        opened(tmp_path / "none.p12")
    for place, root in ((path, tmp_path), (Path("seal.p12"), tmp_path / "manual")):
        with pytest.raises(Refused, match="lies in the manual"):
            opened(place, root=root)
    (tmp_path / "alone.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", None, good.certificate, None, NoEncryption())
    )
    with pytest.raises(Refused, match="lacks the private key"):
        opened(tmp_path / "alone.p12", "")


def test_where_a_password_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QMANUAL_SEAL_PASSWORD", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert password("a.p12", lambda name: f"asked for {name}") == "asked for a.p12"
    ring = types.ModuleType("keyring")
    ring.get_password = lambda service, name: {"qmanual-seal a.p12": "kept"}.get(f"{service} {name}")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert password("a.p12", lambda name: "asked") == "kept"
    assert password("b.p12", lambda name: "asked") == "asked"
    monkeypatch.setenv("QMANUAL_SEAL_PASSWORD", "set")
    assert password("a.p12", lambda name: "asked") == "set"


def test_modules_of_strangers_do_not_run(tmp_path: Path) -> None:
    manual = tmp_path / "manual"
    manual.mkdir()
    (manual / "evil.so").write_bytes(b"\x7fELF")
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "evil.so").write_bytes(b"\x7fELF")
    loose.chmod(0o777)
    for module, said in {
        manual / "evil.so": "full path", Path("evil.so"): "full path", tmp_path / "no.so": "no PKCS#11",
        loose / "evil.so": "Others can write",
    }.items():  # fmt: skip
        with pytest.raises(Refused, match=said):
            open_key(Seal(module=str(module), label="x"), manual, Trust(), lambda name: "1234")


def test_a_failure_of_ours_tells_no_password(good: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes, word: bytes) -> None:
        raise RuntimeError("boom")

    path = good.file(tmp_path / "seal.p12")
    monkeypatch.setattr(pkcs12, "load_pkcs12", broken)
    with pytest.raises(RuntimeError) as failed:
        open_key(Seal(key=str(path)), tmp_path / "manual", Trust(), lambda name: WORD)
    told = "".join(traceback.format_exception(failed.value))
    assert "boom" in told and WORD not in told


# -- the settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("key: a.p12\nmodule: /x.so\nlabel: x", "not both"),
        ("module: /x.so", "the label of key and certificate"),
        ("key: a.p12\nlevel: B-T", "the address of a time stamp authority"),
        ("key: a.p12\nlevel: B-LTA\ntsa: http://t/", "files of certificates"),
        ("key: a.p12\nlevel: B-T\ntsa: ftp://t/", "begins with http"),
        ("key: a.p12\nlevel: b-t", "B-B, B-T, B-LTA"),
        ("key: a.p12\nplace: top", "first, last, none"),
        ("key: a.p12\nsize: 90", "from 20 to 50"),
        ("key: a.p12\nslot: -1", "number of a slot"),
        ("key: a.p12\ntrust: [../root.pem]", "inside the manual"),
        ("key: a.p12\npicture: C:\\\\seal.png", "inside the manual"),
        ("build: true", "a key to seal with"),
        ("key: a.p12\npassword: 1234", "password"),
    ],
)
def test_mistakes_in_the_settings(written: str, said: str) -> None:
    lines = "\n".join(f"        {line}" for line in written.split("\n"))
    found = read_settings(SourceFile("mkdocs.yml", f"plugins:\n  - qmanual:\n      seal:\n{lines}\n"))
    assert found.seal and not found.seal.sound
    assert any(said in str(dict(fault.details)) for fault in found.faults), found.faults


def test_settings_that_are_right() -> None:
    seal = "{key: ~/a.p12, level: B-T, tsa: 'http://t/', trust: certs/a.pem, size: 30}"
    found = read_settings(SourceFile("mkdocs.yml", f"plugins:\n  - qmanual:\n      seal: {seal}\n"))
    assert found.faults == ()
    assert found.seal == Seal(key="~/a.p12", level=Level.STAMPED, tsa="http://t/", trust=("certs/a.pem",), size=30)
