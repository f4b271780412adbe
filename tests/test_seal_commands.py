"""Sealing and verifying as people do it: `pdf --sign`, the whole build, `verify`, a token, an authority over HTTP."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from disk import Done, Repo, start, write
from seals import DAY, WORD, Clock, Office, Party
from test_pdf_archival import faults
from test_timestamp import Authority, authority_in

DOCUMENT = """\
---
id: QP-{number}
title: {title}
revision: A/0
effective: 2026-05-20
owner: 质量部
prepared: {{by: 李静, date: 2026-05-10}}
reviewed: {{by: 王强, date: 2026-05-12}}
approved: {{by: 陈刚, date: 2026-05-15}}
changes:
  - {{revision: A/0, date: 2026-05-10, by: 李静, summary: 首次发布}}
---

## 1 目的

{text}

## 2 范围

全公司。

## 3 职责

质量部负责。

## 4 工作程序

{text}

## 5 相关文件

无。

## 6 相关记录

无。
"""
COMPANY = """\
company: {name: 苏州澄屿电子有限公司}
departments: [{name: 质量部}]
people:
  - {name: 李静, department: 质量部, posts: [{role: 工程师, from: 2014-07-01, may: [prepared]}]}
  - {name: 王强, department: 质量部, posts: [{role: 经理, from: 2014-07-01, may: [reviewed]}]}
  - {name: 陈刚, department: 质量部, posts: [{role: 总经理, from: 2014-07-01, may: [approved]}]}
"""


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def keys(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside of every manual, with the key file `seal.p12`."""
    folder = tmp_path_factory.mktemp("keys")
    office.seal().file(folder / "seal.p12")
    return folder


def manual(root: Path, office: Office, settings: str, extra: dict[str, bytes] | None = None) -> Repo:
    """A released manual of two procedures with these settings of its seal; one day later a third is a draft."""
    repo = Repo(root)
    lines = "\n".join(f"        {line}" for line in settings.splitlines())
    files: dict[str, str | bytes] = {
        "mkdocs.yml": f"site_name: 手册\nplugins:\n  - qmanual:\n      archive_pdfs: false\n      seal:\n{lines}\n",
        "manual/organization.yml": COMPANY,
        "certs/root.pem": office.root.pem, "certs/lists.crl": office.lists(),
        "procedures/QP-01.md": DOCUMENT.format(number="01", title="文件控制程序", text="受控。"),
        "procedures/QP-02.md": DOCUMENT.format(number="02", title="记录控制程序", text="保存。"),
        **(extra or {}),
    }  # fmt: skip
    repo.commit(files)
    repo.release("2026-05")
    return repo


def run(repo: Repo, *words: str, word: str | None = WORD, **more: str) -> Done:
    assert "QMANUAL_SEAL_PASSWORD" not in os.environ
    if word is not None:
        more["QMANUAL_SEAL_PASSWORD"] = word
    return start("--root", str(repo.root), "--today", _today(), "--lang", "en", *words, cwd=None, **more)


def _today() -> str:
    return date.today().isoformat()


TRUST = "trust: [certs/root.pem]\nrevoked: [certs/lists.crl]"


def verified(repo: Repo, path: Path) -> dict[str, set[str]]:
    """The lines about the seal, by what came of them."""
    done = run(repo, "verify", str(path), "--format", "json", word=None)
    lines = [line for line in json.loads(done.out)["lines"] if line["group"] == "seal"]
    found: dict[str, set[str]] = {"holds": set(), "fails": set(), "unknown": set()}
    for line in lines:
        found[line["result"]].add(line["message"])
    return found


# -- the commands --------------------------------------------------------------------------------------------------


def test_seal_verify_and_build(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\n{TRUST}")
    done = run(repo, "pdf", "--sign")
    assert done.code == 0, done.err
    assert "Sealed: 2" in done.err and WORD not in done.err + done.out
    first = tmp_path / "m/dist/pdf/QP-01_A-0.pdf"
    data = first.read_bytes()
    assert faults(first) == []
    found = verified(repo, first)
    assert not found["fails"] and len(found["holds"]) == 4
    assert any("质量体系文件专用章" in line for line in found["holds"])

    again = run(repo, "pdf", "--sign")  # a seal over the same bytes stays, or the one handed out would be unknown
    assert "Sealed: 0; sealed before and unchanged: 2" in again.err
    assert first.read_bytes() == data

    built = run(repo, word=None)  # without the key the whole build keeps it too, and lists its bytes as issued
    assert built.code == 0, built.err
    assert first.read_bytes() == data
    rows = {row["id"]: row for row in json.loads((tmp_path / "m/dist/register.json").read_text("utf-8"))["documents"]}
    digest = hashlib.sha256(data).hexdigest()
    assert rows["QP-01"]["sha256"] == digest
    assert digest in (tmp_path / "m/dist/site/assets/qmanual/issued.js").read_text("utf-8")
    on_site = list((tmp_path / "m/dist/site/pdf").rglob("QP-01_A-0.pdf"))
    assert [path.read_bytes() for path in on_site] == [data]
    report = run(repo, "verify", str(first), word=None)
    assert report.code == 0, report.out
    assert "Electronic seal" in report.out and "just these bytes are listed as issued" in report.out


def test_the_whole_build_seals_where_the_settings_say_so(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\nbuild: true\nplace: last\n{TRUST}")
    refused = run(repo, word=None)
    assert refused.code == 2 and "QMANUAL_SEAL_PASSWORD" in refused.err
    assert not (tmp_path / "m/dist/pdf").exists()
    done = run(repo)
    assert done.code == 0 and "Sealed: 2" in done.err
    path = tmp_path / "m/dist/pdf/QP-02_A-0.pdf"
    assert not verified(repo, path)["fails"]
    size = path.read_bytes().index(b"%%EOF") + 6
    path.write_bytes(path.read_bytes()[:size])
    assert verified(repo, path)["fails"] == {"it bears no seal; the settings say that every PDF in force is sealed"}
    text = tmp_path / "m/procedures/QP-01.md"
    text.write_text(text.read_text("utf-8").replace("A/0", "A/1"), encoding="utf-8")
    run(repo, "--draft", "pdf", "QP-01", word=None)
    assert b"/ByteRange" not in (tmp_path / "m/dist/pdf/QP-01_A-1.pdf").read_bytes()


def test_what_is_not_sealed(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\n{TRUST}")
    draft = run(repo, "pdf", "--draft", "--sign")
    assert draft.code == 2 and "draft is not sealed" in draft.err
    none = manual(tmp_path / "n", office, TRUST)
    missing = run(none, "pdf", "--sign")
    assert missing.code == 2 and "docs/sealing.md" in missing.err
    broken = manual(tmp_path / "b", office, f"key: {keys / 'seal.p12'}\nlevel: B-X")
    assert run(broken, "pdf", "--sign").code == 2
    for root in ("m", "n", "b"):
        assert not list((tmp_path / root).rglob("*.pdf"))


def test_another_look_or_key_seals_anew(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\n{TRUST}")
    run(repo, "pdf", "--sign", "QP-01")
    path = tmp_path / "m/dist/pdf/QP-01_A-0.pdf"
    first = path.read_bytes()
    settings = tmp_path / "m/mkdocs.yml"
    settings.write_text(settings.read_text("utf-8") + "        shape: rectangle\n", encoding="utf-8")
    run(repo, "pdf", "--sign", "QP-01")
    second = path.read_bytes()
    assert second != first
    office.seal("另一枚章").file(keys / "other.p12")
    settings.write_text(settings.read_text("utf-8").replace("seal.p12", "other.p12"), encoding="utf-8")
    run(repo, "pdf", "--sign", "QP-01")
    assert path.read_bytes() != second
    assert any("另一枚章" in line for line in verified(repo, path)["holds"])


def test_a_seal_put_there_by_a_stranger_does_not_stay(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\n{TRUST}")
    office.seal(alone=True).file(keys / "stranger.p12")
    theirs = manual(tmp_path / "t", office, f"key: {keys / 'stranger.p12'}")
    assert run(theirs, "pdf", "--sign", "QP-01").code == 0
    path = tmp_path / "m/dist/pdf/QP-01_A-0.pdf"
    write(tmp_path / "m", {"dist/pdf/QP-01_A-0.pdf": (tmp_path / "t/dist/pdf/QP-01_A-0.pdf").read_bytes()})
    assert any("anybody can make one" in line for line in verified(repo, path)["fails"])
    run(repo, "pdf", "QP-01", word=None)
    assert b"/ByteRange" not in path.read_bytes()


@pytest.mark.parametrize("word", ["wrong-secret", ""])
def test_a_wrong_password_is_told_and_not_repeated(office: Office, keys: Path, tmp_path: Path, word: str) -> None:
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\n{TRUST}")
    done = run(repo, "pdf", "--sign", word=word, TMPDIR=str(tmp_path))
    assert done.code == 2 and "password is wrong" in done.err
    assert "wrong-secret" not in done.out + done.err and "Traceback" not in done.err
    assert not list(tmp_path.glob("qmanual-*.log"))


def test_a_key_in_the_manual_is_refused(office: Office, keys: Path, tmp_path: Path) -> None:
    repo = manual(tmp_path / "m", office, f"key: {tmp_path / 'm/seal.p12'}\n{TRUST}")
    office.seal().file(tmp_path / "m/seal.p12")
    done = run(repo, "pdf", "--sign")
    assert done.code == 2 and "lies in the manual" in done.err


def test_a_certificate_that_has_expired(office: Office, keys: Path, tmp_path: Path) -> None:
    office.seal(begin=-30 * DAY, end=-DAY).file(keys / "old.p12")
    repo = manual(tmp_path / "m", office, f"key: {keys / 'old.p12'}\n{TRUST}")
    done = run(repo, "pdf", "--sign")
    assert done.code == 2 and "expired on" in done.err
    assert not list((tmp_path / "m").rglob("*.pdf"))


# -- an authority over HTTP ----------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, Authority]]:
    """OpenSSL's time stamps over HTTP."""
    made = authority_in(tmp_path / "tsa")
    yield from _serving(made.reply, made)


def _serving(reply: object, made: Authority) -> Iterator[tuple[str, Authority]]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            answer = reply(asked)  # type: ignore[operator]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", made
    server.shutdown()
    server.server_close()


def test_time_stamps_of_openssl(office: Office, keys: Path, tmp_path: Path, served: tuple[str, Authority]) -> None:
    url, authority = served
    extra = {"certs/tsa.pem": authority.pem.encode()}
    trust = "trust: [certs/root.pem, certs/tsa.pem]\nrevoked: [certs/lists.crl]"
    repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\nlevel: B-T\ntsa: {url}\n{trust}", extra)
    done = run(repo, "pdf", "--sign", "QP-01")
    assert done.code == 0, done.err
    found = verified(repo, tmp_path / "m/dist/pdf/QP-01_A-0.pdf")
    assert not found["fails"] and any("a time stamp proves" in line for line in found["holds"])
    strange = manual(tmp_path / "s", office, f"key: {keys / 'seal.p12'}\nlevel: B-T\ntsa: {url}\n{TRUST}")
    refused = run(strange, "pdf", "--sign", "QP-01")
    assert refused.code == 2 and "time stamp authority" in refused.err


def test_an_authority_for_the_archive(office: Office, keys: Path, tmp_path: Path) -> None:
    clock = Clock(office.clock())
    for url, _ in _serving(clock, authority_in(tmp_path / "tsa")):
        repo = manual(tmp_path / "m", office, f"key: {keys / 'seal.p12'}\nlevel: B-LTA\ntsa: {url}\n{TRUST}")
        done = run(repo, "pdf", "--sign", "QP-01")
        assert done.code == 0, done.err
        path = tmp_path / "m/dist/pdf/QP-01_A-0.pdf"
        found = verified(repo, path)
        assert not found["fails"] and any("B-LTA" in line for line in found["holds"])
        assert faults(path) == []


def test_an_authority_that_is_down_or_talks_nonsense(office: Office, keys: Path, tmp_path: Path) -> None:
    settings = f"key: {keys / 'seal.p12'}\nlevel: B-T\n{TRUST}\ntsa: "
    repo = manual(tmp_path / "m", office, settings + "http://127.0.0.1:9/")
    write(tmp_path / "m", {"dist/pdf/QP-01_A-0.pdf": b"as it was"})
    down = run(repo, "pdf", "--sign", "QP-01")
    assert down.code == 2 and "127.0.0.1:9" in down.err and "Traceback" not in down.err
    for answer in (b"", b"nonsense", b"\x30\x03\x02\x01\x02"):
        for url, _ in _serving(lambda asked, answer=answer: answer, authority_in(tmp_path / "tsa")):
            other = manual(tmp_path / f"n{len(answer)}", office, settings + url)
            done = run(other, "pdf", "--sign", "QP-01")
            assert done.code == 2 and "not sealed" in done.err, done.err
    assert (tmp_path / "m/dist/pdf/QP-01_A-0.pdf").read_bytes() == b"as it was"


# -- a token -------------------------------------------------------------------------------------------------------

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "85274163"

PUT_CERTIFICATES = """\
import sys
import pkcs11
from asn1crypto import x509
from pkcs11.util.x509 import decode_x509_certificate
module, pin, *files = sys.argv[1:]
token = pkcs11.lib(module).get_token(token_label="QM")
with token.open(rw=True, user_pin=pin) as session:
    for number, name in enumerate(files):
        found = decode_x509_certificate(open(name, "rb").read())
        found[pkcs11.Attribute.TOKEN] = True
        found[pkcs11.Attribute.LABEL] = "seal" if number == 0 else f"link{number}"
        found[pkcs11.Attribute.ID] = bytes([0xA1 + number])
        session.create_object(found)
"""


@pytest.fixture(scope="module")
def token(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A soft token with a seal and its chain: the module, its configuration file."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM (Debian: softhsm2) is not installed")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    party = office.seal("令牌里的章")
    _fill(folder, party, module, str(configuration))
    return module, str(configuration)


def _fill(folder: Path, party: Party, module: str, configuration: str) -> None:
    (folder / "key.pem").write_bytes(party.key_pem)
    names = []
    for number, one in enumerate((party.certificate, *party.above)):
        names.append(str(folder / f"{number}.der"))
        Path(names[-1]).write_bytes(one.public_bytes(Encoding.DER))
    tool = ["softhsm2-util", "--token", "QM", "--pin", PIN]
    for command in (
        ["softhsm2-util", "--init-token", "--free", "--label", "QM", "--so-pin", "12345678", "--pin", PIN],
        [*tool, "--import", str(folder / "key.pem"), "--label", "seal", "--id", "A1"],
        [sys.executable, "-c", PUT_CERTIFICATES, module, PIN, *names],
    ):
        done = subprocess.run(
            command, env={**os.environ, "SOFTHSM2_CONF": configuration}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_token_seals(office: Office, token: tuple[str, str], tmp_path: Path) -> None:
    module, configuration = token
    settings = f"module: {module}\ntoken: QM\nlabel: seal\n{TRUST}"
    repo = manual(tmp_path / "m", office, settings)
    done = run(repo, "pdf", "--sign", word=PIN, SOFTHSM2_CONF=configuration)
    assert done.code == 0, done.err
    assert PIN not in done.out + done.err
    path = tmp_path / "m/dist/pdf/QP-01_A-0.pdf"
    found = verified(repo, path)
    assert not found["fails"] and any("令牌里的章" in line for line in found["holds"])
    assert faults(path) == []


@pytest.mark.parametrize(
    ("settings", "word", "said"),
    [
        ("token: QM\nlabel: seal", "00000000", "refuses the PIN"),
        ("token: ANOTHER\nlabel: seal", PIN, "cannot be used"),
        ("token: QM\nlabel: nothing", PIN, "cannot be used"),
    ],
)
def test_a_token_that_does_not_help(
    office: Office, token: tuple[str, str], tmp_path: Path, settings: str, word: str, said: str
) -> None:
    module, configuration = token
    repo = manual(tmp_path / "m", office, f"module: {module}\n{settings}\n{TRUST}")
    done = run(repo, "pdf", "--sign", word=word, SOFTHSM2_CONF=configuration)
    assert done.code == 2 and said in done.err, done.err
    assert word not in done.out + done.err and "Traceback" not in done.err
