"""Time stamps (RFC 3161): a token in which an authority says when some bytes existed. Asked for and verified here.

A signature holds no time that its maker could not choose. The token does: it proves that the signature was there at
that moment, so that a key stolen later, or one that has expired, cannot date back.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client._rust import parse_timestamp_request
from rfc3161_client.errors import VerificationError

from qmanual.language import N_
from qmanual.signing.wire import Refused

LIMIT = 64 * 1024
"""The longest answer that is looked at, in bytes; usual ones take 1 to 6 KB."""


def request(data: bytes) -> bytes:
    """What an authority is asked: a time stamp over the SHA-512 of `data`, with its certificate, and a nonce."""
    builder = TimestampRequestBuilder(data=data, hash_algorithm=HashAlgorithm.SHA512)
    return builder.build().as_bytes()


def look(token: bytes, asked: bytes) -> None:
    """Refuse an answer that does not belong to the request. Whose it is, is not asked here; `verify` does."""
    question, response = parse_timestamp_request(asked), _read(token)
    if response.tst_info.nonce != question.nonce or _imprint(response) != question.message_imprint.message:
        raise Refused(N_("the answer belongs to another request"))


def read_certificate(pem: str) -> bytes:
    """The certificate in a PEM text, in DER. Raises `Refused`."""
    try:
        return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    except ValueError:
        raise Refused(N_("it is no certificate in PEM form")) from None


def verify(token: bytes, data: bytes, trusted: Iterable[str]) -> datetime:
    """When `data` existed, says the token of one of the `trusted` authorities (PEM). Raises `Refused`.

    The certificates had to be valid at that moment, not now: a token outlives its authority's certificate.
    """
    response = _read(token)
    certificates = [x509.load_der_x509_certificate(read_certificate(pem)) for pem in trusted]
    if not certificates:
        raise Refused(N_("no time stamp authority is trusted; organization.yml lists them"))
    for certificate in certificates:
        try:
            VerifierBuilder(roots=[certificate]).build().verify_message(response, data)
        except (VerificationError, ValueError, x509.InvalidVersion):  # the latter: a damaged certificate inside
            continue
        return response.tst_info.gen_time.replace(tzinfo=UTC)
    if _imprint(response) != hashlib.sha512(data).digest():
        raise Refused(N_("the time stamp is over other bytes"))
    raise Refused(N_("no trusted time stamp authority gave this time stamp"))


def _read(token: bytes) -> TimeStampResponse:
    if len(token) > LIMIT:
        raise Refused(N_("it is no time stamp"))
    try:
        response = decode_timestamp_response(token)
        imprint = response.tst_info
    except ValueError:
        raise Refused(N_("it is no time stamp")) from None
    if imprint.message_imprint.hash_algorithm.dotted_string != "2.16.840.1.101.3.4.2.3":
        raise Refused(N_("the time stamp is not over a SHA-512"))
    return response


def _imprint(response: TimeStampResponse) -> bytes:
    return response.tst_info.message_imprint.message
