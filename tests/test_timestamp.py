"""Time stamps of a small authority on this machine: asked for over HTTP, verified without it."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from qmanual.signer import stamp
from qmanual.signing import Refused
from qmanual.signing.timestamp import read_certificate, request, verify

DATA = b"-----BEGIN SSH SIGNATURE-----\n"

CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
"""


def certificate(
    folder: Path,
    name: str = "tsa",
    *,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
    serial: int | None = None,
) -> str:
    """A self-signed certificate, its key beside it; the PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Test {name}")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / f"{name}.pem").write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}.key").write_bytes(private)
    return pem.decode()


@dataclass
class Authority:
    """A time stamp authority: where it answers, and its certificate."""

    folder: Path
    pem: str
    url: str = ""
    answer: bytes | None = None

    def reply(self, asked: bytes) -> bytes:
        if self.answer is not None:
            return self.answer
        (self.folder / "query.tsq").write_bytes(asked)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply.tsr").read_bytes()


def authority_in(folder: Path) -> Authority:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tsa.cnf").write_text(CONFIG, encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    return Authority(folder, certificate(folder))


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    made = authority_in(tmp_path / "tsa")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", made.url)
                self.end_headers()
                return
            answer = made.reply(asked)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/"
    yield made
    server.shutdown()
    server.server_close()


def test_good_stamp(authority: Authority) -> None:
    token = stamp(DATA, authority.url)
    stamped = verify(token, DATA, [authority.pem])
    assert abs(stamped - datetime.now(UTC)) < timedelta(minutes=5)
    other = certificate(authority.folder, "other")
    assert verify(token, DATA, [other, authority.pem]) == stamped


def test_openssl_agrees(authority: Authority) -> None:
    folder = authority.folder
    (folder / "data").write_bytes(DATA)
    (folder / "token.tsr").write_bytes(stamp(DATA, authority.url))
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "token.tsr", "-CAfile", "tsa.pem"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_other_bytes(authority: Authority) -> None:
    with pytest.raises(Refused, match="other bytes"):
        verify(stamp(DATA, authority.url), DATA + b" ", [authority.pem])


def test_other_authority(authority: Authority) -> None:
    token = stamp(DATA, authority.url)
    with pytest.raises(Refused, match="no trusted"):
        verify(token, DATA, [certificate(authority.folder, "other")])
    with pytest.raises(Refused, match="is trusted"):
        verify(token, DATA, [])


def test_certificate_for_something_else(tmp_path: Path) -> None:
    made = authority_in(tmp_path)
    good = certificate(tmp_path, "tsa")
    token = Authority(tmp_path, good).reply(request(DATA))
    verify(token, DATA, [good])
    server = certificate(tmp_path, "server", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    with pytest.raises(Refused):
        verify(token, DATA, [server])
    assert made.pem != good
    with pytest.raises(Refused, match="no trusted"):
        verify(token, DATA, [made.pem])


def test_edited_token(authority: Authority) -> None:
    """Every byte of what is signed counts. Those of the certificate that comes along do not: ours is used."""
    token = stamp(DATA, authority.url)
    certificate_begins = token.index(b"\xa0\x82", 100)
    signer_begins = token.rindex(b"Test tsa")
    for at in (*range(60, certificate_begins, 3), *range(signer_begins + 60, len(token), 5)):
        edited = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        if edited[at] in b"\x00\x01" and token[at - 1 : at + 1] == b"\x05\x00":
            continue  # the empty parameters of an algorithm
        try:
            verify(edited, DATA, [authority.pem])
        except Refused:
            continue
        assert 200 <= len(token) - at <= 280, f"byte {at} of {len(token)} makes no difference"  # the algorithm's name


@pytest.mark.parametrize("same_serial", [True, False])
def test_authority_of_the_same_name(authority: Authority, same_serial: bool) -> None:
    """Somebody makes a certificate that says all that the authority's says, with a key of his own."""
    folder, real = authority.folder, x509.load_pem_x509_certificate(authority.pem.encode())
    certificate(folder, "tsa", serial=real.serial_number if same_serial else None)
    with pytest.raises(Refused, match="no trusted"):
        verify(authority.reply(request(DATA)), DATA, [authority.pem])


def test_damaged_certificate_inside(authority: Authority) -> None:
    token = stamp(DATA, authority.url)
    begins = token.index(b"\xa0\x82", 100)
    for at in range(begins, begins + 740, 4):
        edited = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        with contextlib.suppress(Refused):
            verify(edited, DATA, [authority.pem])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_calmly(token: bytes) -> None:
    with pytest.raises(Refused):
        verify(token, DATA, [])


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x03\x02\x01\x02", b"x" * 100_000])
def test_answer_that_is_none(answer: bytes, authority: Authority) -> None:
    authority.answer = answer
    with pytest.raises(Refused):
        stamp(DATA, authority.url)


def test_answer_to_another_request(authority: Authority) -> None:
    authority.answer = authority.reply(request(DATA))
    with pytest.raises(Refused):
        stamp(DATA, authority.url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "tsa", "", "http://127.0.0.1:1/"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(Refused):
        stamp(DATA, url)


def test_sends_nobody_elsewhere(authority: Authority) -> None:
    with pytest.raises(Refused):
        stamp(DATA, authority.url + "elsewhere")


@pytest.mark.parametrize("pem", ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_certificate_that_is_none(pem: str) -> None:
    with pytest.raises(Refused):
        read_certificate(pem)
