"""A small certificate authority made on the spot, with the seals that go wrong, and one that does not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from test_pdf import page, print_all

from qmanual.model.seal import Level, Place, Seal, Shape
from qmanual.pdf import Job, Printed
from qmanual.seal import Appearance
from qmanual.seal.key import Key, open_key
from qmanual.seal.signing import sealed
from qmanual.seal.trust import Trust, read_trust

DAY = timedelta(days=1)
WORD = "印章-pass 1"
COMPANY = "苏州澄屿电子有限公司"
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def named(common: str, organization: str = COMPANY) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ])  # fmt: skip


@dataclass
class Party:
    """A key with its certificate and the certificates above it."""

    key: Private
    certificate: x509.Certificate
    above: "tuple[x509.Certificate, ...]" = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def file(self, path: Path, word: str = WORD, *, chain: bool = True) -> Path:
        """A PKCS#12 file of it."""
        above = list(self.above) if chain else None
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                "印章".encode(), self.key, self.certificate, above, BestAvailableEncryption(word.encode())
            )
        )
        return path


@dataclass
class Office:
    """An authority: a root, a link under it that signs for people, and what it has revoked."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    revoked: list[tuple[int, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self._authority("测试根 CA", None)
        self.link = self._authority("测试签发 CA", self.root)

    def _authority(self, name: str, above: Party | None) -> Party:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = named(name, "测试认证机构")
        issuer = above.certificate.subject if above else subject
        builder = self._builder(key, subject, issuer, -300 * DAY, 3650 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        builder = builder.add_extension(usage(cert=True), critical=True)
        signed = builder.sign(above.key if above else key, hashes.SHA256())
        return Party(key, signed, (above.certificate, *above.above) if above else ())

    def _builder(
        self, key: Private, subject: x509.Name, issuer: x509.Name, begin: timedelta, end: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + begin)
            .not_valid_after(self.now + end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )

    def seal(
        self, name: str = "质量体系文件专用章", *, begin: timedelta = -30 * DAY, end: timedelta = 700 * DAY,
        signing: bool = True, extended: x509.ObjectIdentifier | None = None, alone: bool = False, curve: bool = False,
    ) -> Party:  # fmt: skip
        """A certificate for sealing; `alone`: it vouches for itself."""
        key: Private = (
            ec.generate_private_key(ec.SECP256R1())
            if curve
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        subject = named(name)
        issuer = subject if alone else self.link.certificate.subject
        builder = self._builder(key, subject, issuer, begin, end)
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(usage(sign=signing), critical=True)
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=True)
        certificate = builder.sign(key if alone else self.link.key, hashes.SHA256())
        return Party(key, certificate, () if alone else (self.link.certificate, *self.link.above))

    def clock(self, **details: timedelta) -> Party:
        """A certificate of a time stamp authority."""
        return self.seal("测试时间戳", extended=ExtendedKeyUsageOID.TIME_STAMPING, **details)  # type: ignore[arg-type]

    def revoke(self, party: Party, when: datetime) -> None:
        self.revoked.append((party.certificate.serial_number, when))

    def lists(self) -> bytes:
        """The revocation lists of both authorities, as PEM."""
        return b"".join(self._list(one, one is self.link) for one in (self.root, self.link))

    def _list(self, party: Party, holds: bool) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(party.certificate.subject)
            .last_update(self.now - timedelta(hours=1))
            .next_update(self.now + 30 * DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(party.key.public_key()), critical=False)
        )
        for serial, when in self.revoked if holds else ():
            gone = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            builder = builder.add_revoked_certificate(gone.build())
        return builder.sign(party.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def usage(*, cert: bool = False, sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, content_commitment=sign, key_encipherment=not cert and not sign,
        data_encipherment=False, key_agreement=False, key_cert_sign=cert, crl_sign=cert, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


class Clock:
    """A time stamp authority without a network: takes a request, gives the answer. `at`: what its clock shows."""

    def __init__(self, party: Party, at: datetime | None = None) -> None:
        self.party, self.at, self.asked = party, at, 0

    def __call__(self, asked: bytes) -> bytes:
        self.asked += 1
        with ThreadPoolExecutor(1) as pool:  # the caller runs in a loop of its own
            return pool.submit(self._answer, asked).result()

    def _answer(self, asked: bytes) -> bytes:
        store = SimpleCertificateStore()
        store.register_multiple([asn1(one) for one in self.party.above])
        der = self.party.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        made = DummyTimeStamper(
            asn1(self.party.certificate), PrivateKeyInfo.load(der), certs_to_embed=store, fixed_dt=self.at
        )
        return bytes(asyncio.run(made.async_request_tsa_response(TimeStampReq.load(asked))).dump())


def asn1(certificate: x509.Certificate) -> Certificate:
    """The same certificate as pyHanko holds it."""
    return Certificate.load(certificate.public_bytes(Encoding.DER))


# -- the same for all tests of a process ---------------------------------------------------------------------------

LOOK = Appearance(
    place=Place.FIRST, shape=Shape.ROUND, size=36, company=COMPANY, line="受控文件专用章", day="2026-11-23",
    words=f"{COMPANY}电子印章", reason="批准发布",
)  # fmt: skip


@cache
def an_office() -> Office:
    return Office()


@cache
def a_seal() -> Party:
    return an_office().seal()


@cache
def a_print() -> bytes:
    """A print of two pages and more: headings, a table with empty cells, and text."""
    rows = "".join(f"<tr><th>项目{n}</th><td> </td></tr>" for n in range(8))
    text = (
        f"<h1>不合格品控制程序</h1><p>{'不合格品应当隔离。' * 60}</p><table>{rows}</table><h2>相关文件</h2><p>QP-01</p>"
    )
    job = Job("a.pdf", "A", page(text + f"<p>{'记录保存十年。' * 400}</p>"))
    with TemporaryDirectory() as folder:
        out = Path(folder)
        outcome = print_all([job], out, out, workers=1)[0]
        assert isinstance(outcome, Printed), outcome
        return (out / "a.pdf").read_bytes()


def trust(office: Office, *, links: bool = True) -> Trust:
    """What believes in that office, with its lists."""
    certificates = {"root": office.root.pem} | ({"link": office.link.pem} if links else {})
    return read_trust(certificates, {"lists": office.lists()})


def key_of(party: Party, folder: Path, known: Trust, *, chain: bool = True) -> Key:
    """The key of a party, out of a file."""
    path = party.file(folder / "seal.p12", chain=chain)
    return open_key(Seal(key=str(path)), folder / "manual", known, lambda name: WORD)


def seal_one(
    data: bytes, party: Party, office: Office, clock: Clock, folder: Path, level: Level = Level.BASIC
) -> bytes:
    """A sealed PDF."""
    known = trust(office)
    return sealed(data, key_of(party, folder, known), level, LOOK, known, datetime.now(UTC), clock)[0]
