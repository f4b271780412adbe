"""Reads the seals in a PDF: do the bytes match, is the file covered to its end, whose certificate is it, was it good.

The moment at which a certificate has to be good is that of a time stamp, where one proves it; else the moment of the
examination, for a signature names its own time as it likes. An archive time stamp is examined first, then the time
stamp in the signature by the moment that it proves, then the signature (ETSI EN 319 102-1, 5.6).
"""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qmanual.language import N_
from qmanual.model.seal import Level
from qmanual.seal.later import only_proofs
from qmanual.seal.trust import Trust, context, judged, name_of
from qmanual.seal.values import Examined, Standing, Trouble
from qmanual.signing import Refused

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MOST = 20
"""As many signatures of a file are looked at."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A time stamp: when, whether it fits what it stamps, and its authority's standing."""

    time: datetime
    intact: bool
    standing: Trouble

    @property
    def proves(self) -> bool:
        return self.intact and self.standing.standing is Standing.TRUSTED


def bears_seal(data: bytes) -> bool:
    """Whether there is anything in a PDF that looks like a signature."""
    return b"/ByteRange" in data


def examined(data: bytes, trust: Trust, moment: datetime) -> tuple[Examined, ...]:
    """Every seal in a PDF, in the order in which they were set. Raises `Refused` for what cannot be read."""
    try:
        return tuple(_examined(data, trust, moment))
    except Refused:
        raise
    except Exception as error:  # a file from anywhere: whatever it does to the library, it proves nothing
        raise Refused(N_("the signature in it cannot be read: {reason}"), reason=type(error).__name__) from None


def _examined(data: bytes, trust: Trust, moment: datetime) -> Iterator[Examined]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(data))
    found = reader.embedded_signatures
    if len(found) > MOST:
        raise Refused(N_("the signature in it cannot be read: {reason}"), reason=str(len(found)))
    trust = _with_store(reader, trust)
    stamps = [one for one in found if one.sig_object_type == "/DocTimeStamp"]
    archive = _archive(stamps, data, trust, moment)
    for one in found:
        if one.sig_object_type != "/DocTimeStamp":
            yield _seal(one, data, trust, archive, moment)


def _with_store(reader: "PdfFileReader", trust: Trust) -> Trust:
    """The trust with the chains and revocation lists that the file carries; no root comes from a file."""
    from asn1crypto.crl import CertificateList
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko.sign.validation.errors import NoDSSFoundError

    with contextlib.suppress(NoDSSFoundError):
        store = DocumentSecurityStore.read_dss(reader)
        lists = tuple(CertificateList.load(one.get_object().data) for one in store.crls)
        return replace(trust, links=(*trust.links, *store.load_certs()), revoked=(*trust.revoked, *lists))
    return trust


def _archive(stamps: "list[EmbeddedPdfSignature]", data: bytes, trust: Trust, moment: datetime) -> _Stamp | None:
    """The time stamp over the whole file, the last one; None where none covers it."""
    for one in reversed(stamps):
        if _fits(one, data) and _covers(one) == len(data):
            return _stamped(one.signed_data, one.compute_digest, trust, moment)
    return None


def _seal(one: "EmbeddedPdfSignature", data: bytes, trust: Trust, archive: _Stamp | None, moment: datetime) -> Examined:
    from pyhanko.sign.validation.generic_cms import extract_self_reported_ts, extract_tst_data_iter
    from pyhanko.sign.validation.generic_cms import message_imprint_checker as imprint

    archived = archive is not None and archive.intact
    proven = archive.time if archive and archive.proves else moment
    tokens = list(extract_tst_data_iter(one.signer_info, signed=False))
    stamp = _stamped(tokens[0], imprint(one.signer_info), trust, proven) if tokens else None
    when = stamp.time if stamp and stamp.proves else proven
    certificate, more = one.signer_cert, one.other_embedded_certs
    level = Level.BASIC if stamp is None else Level.ARCHIVED if archived else Level.STAMPED
    intact, whole = _whole(one, data, archived)
    return Examined(
        signer=name_of(certificate) or "—", organization=name_of(certificate, "organization_name"),
        intact=intact, whole=whole, closed=_closed(one), level=level, reason=_said(one, "/Reason"), look=_look(one),
        claimed=extract_self_reported_ts(one.signer_info) or one.self_reported_timestamp,
        stamped=stamp.time if stamp else None, stamp=stamp.standing if stamp else None,
        stamp_intact=stamp.intact if stamp else True, certificate=judged(certificate, trust, when, more),
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
    )  # fmt: skip


def _whole(one: "EmbeddedPdfSignature", data: bytes, proven: bool) -> tuple[bool, bool]:
    """Whether the sealed bytes are intact; whether nothing but proofs was added behind them. `proven`: there is a time
    stamp over the file to its end.
    """
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    digest = one.compute_digest()
    intact, valid = validate_sig_integrity(
        one.signer_info, one.signer_cert, expected_content_type="data", actual_digest=digest,
    )  # fmt: skip
    sound = bool(intact and valid and _fits(one, data) and _strong(one.signer_info))
    if _covers(one) == len(data):
        return sound, sound
    return sound, sound and proven and _revision(one) and only_proofs(one.reader, one.signed_revision)


def _revision(one: "EmbeddedPdfSignature") -> bool:
    """Whether the seal covers all of the file as it was then, to the end of its own revision."""
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    return one.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_REVISION


def _fits(one: "EmbeddedPdfSignature", data: bytes) -> bool:
    """Whether all is covered but the signature itself (ISO 32000-1, 12.8.1), so that nothing hides in the gap."""
    from asn1crypto import cms

    if len(one.byte_range) != 4:
        return False
    start, length, again, rest = (int(number) for number in one.byte_range)
    gap, held = data[length:again], one.pkcs7_content
    padding = held[len(cms.ContentInfo.load(held).dump()) :]
    return (
        start == 0 and 0 < length < again and rest > 0 and again + rest <= len(data)
        and gap[:1] == b"<" and gap[-1:] == b">" and gap[1:-1].lower() == held.hex().encode()
        and not padding.strip(b"\0")
    )  # fmt: skip


def _covers(one: "EmbeddedPdfSignature") -> int:
    return int(one.byte_range[2]) + int(one.byte_range[3])


def _closed(one: "EmbeddedPdfSignature") -> bool:
    from pyhanko.sign.fields import MDPPerm

    return one.docmdp_level is MDPPerm.NO_CHANGES


def _stamped(token: Any, digest: Callable[[str], bytes], trust: Trust, moment: datetime) -> _Stamp:
    """A time stamp over what `digest(algorithm)` is the digest of (RFC 3161, 2.4.2)."""
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data

    certificates = extract_certs_for_validation(token)
    more = list(certificates.other_certs)
    chains = context(trust, moment, more, strict=False)
    found = asyncio.run(validate_tst_signed_data(token, chains, digest))
    strong = certificates.signer_cert is not None and _strong(token["signer_infos"][0])
    standing = judged(certificates.signer_cert, trust, moment, more, sealing=False)
    usage = certificates.signer_cert.extended_key_usage_value
    if usage is None or usage.native != ["time_stamping"]:
        standing = Trouble(standing=Standing.USAGE)
    return _Stamp(found["timestamp"], bool(found["intact"] and found["valid"] and strong), standing)


def _strong(info: Any) -> bool:
    """Whether the digest is one that nobody finds a second text for."""
    return info["digest_algorithm"]["algorithm"].native in ("sha256", "sha384", "sha512")


def _said(one: "EmbeddedPdfSignature", key: str) -> str:
    text = str(one.sig_object[key]) if key in one.sig_object else ""
    return "".join(sign for sign in text if sign.isprintable())[:200]


def _look(one: "EmbeddedPdfSignature") -> str:
    """What a seal says that it was made with; empty for one of another program."""
    made: Any = one.sig_object
    for key in ("/Prop_Build", "/App", "/REx"):
        if key not in made:
            return ""
        made = made[key]
    return str(made).rpartition(" ")[2]
