"""Certificates and revocation lists: read from files, and a certificate judged by them at a moment (RFC 5280).

Nothing is fetched. Of the certificates in the files those that vouch for themselves are roots; the others may be links
of a chain. Without a list of revocations a certificate counts as not revoked, and the result says that none was asked.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from qmanual.language import N_
from qmanual.seal.values import Standing, Trouble
from qmanual.signing import Refused

if TYPE_CHECKING:
    from asn1crypto.crl import CertificateList
    from asn1crypto.x509 import Certificate
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

NOT_FOR_DOCUMENTS = frozenset({"server_auth", "time_stamping", "code_signing", "ocsp_signing"})
"""Extended key usages of which a certificate that has no other is not for sealing documents."""

_Value = TypeVar("_Value")

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # what it warns of is told by us, in words
    logging.getLogger(_name).propagate = False


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe: roots, links of chains, revocation lists."""

    roots: "tuple[Certificate, ...]" = ()
    links: "tuple[Certificate, ...]" = ()
    revoked: "tuple[CertificateList, ...]" = ()


def read_trust(certificates: Mapping[str, bytes], lists: Mapping[str, bytes]) -> Trust:
    """From the contents of files (PEM or DER) by their names. Raises `Refused` for one that holds nothing of it."""
    from asn1crypto.crl import CertificateList
    from asn1crypto.x509 import Certificate

    found = [
        _loaded(Certificate, data, name, N_("{path} holds no certificate (PEM or DER)."))
        for name, content in certificates.items()
        for data in _blocks(content)
    ]
    crls = [
        _loaded(CertificateList, data, name, N_("{path} holds no list of revoked certificates (PEM or DER)."))
        for name, content in lists.items()
        for data in _blocks(content)
    ]
    roots = tuple(one for one in found if one.self_issued)
    return Trust(roots, tuple(one for one in found if not one.self_issued), tuple(crls))


def _blocks(content: bytes) -> Iterable[bytes]:
    from asn1crypto import pem

    if not pem.detect(content):
        return [content]
    try:
        return [data for _, _, data in pem.unarmor(content, multiple=True)]
    except ValueError:
        return [b""]


def _loaded(kind: type[_Value], data: bytes, name: str, text: str) -> _Value:
    try:
        value = kind.load(data, strict=True)  # type: ignore[attr-defined]
        value.native  # noqa: B018  everything is read now, and not when a part of it is first asked for
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(text, path=name) from error
    return value  # type: ignore[no-any-return]


def context(trust: Trust, moment: datetime, more: "Iterable[Certificate]" = (), *, strict: bool) -> "ValidationContext":
    """What the library judges by. `strict`: every certificate needs a revocation list."""
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=list(trust.roots), other_certs=[*trust.links, *more], crls=list(trust.revoked), ocsps=[],
        moment=moment, allow_fetching=False, revocation_mode="require" if strict else "soft-fail",
        retroactive_revinfo=True,
    )  # fmt: skip


def judged(
    certificate: "Certificate",
    trust: Trust,
    moment: datetime,
    more: "Iterable[Certificate]" = (),
    *,
    sealing: bool = True,
) -> Trouble:
    """What a certificate is worth at that moment; `sealing`: whether it is to be one for sealing documents."""
    valid = certificate["tbs_certificate"]["validity"]
    begin, end = valid["not_before"].native, valid["not_after"].native
    if sealing and not for_documents(certificate):
        return Trouble(standing=Standing.USAGE)
    if not trust.roots:
        if not begin <= moment <= end:
            early = moment < begin
            return Trouble(standing=Standing.NOT_YET if early else Standing.EXPIRED, day=begin if early else end)
        return Trouble(standing=Standing.UNPROVEN)
    more = list(more)
    strict = _path(certificate, trust, moment, more, strict=True)
    if strict.standing in (Standing.TRUSTED, Standing.REVOKED):
        return strict
    return _path(certificate, trust, moment, more, strict=False)


def _path(
    certificate: "Certificate", trust: Trust, moment: datetime, more: "Iterable[Certificate]", *, strict: bool
) -> Trouble:
    from pyhanko_certvalidator import errors

    try:
        path_to(certificate, context(trust, moment, more, strict=strict), more)
    except errors.RevokedError as error:
        return Trouble(standing=Standing.REVOKED, day=error.revocation_dt, asked=True)
    except errors.ExpiredError as error:
        return Trouble(standing=Standing.EXPIRED, day=error.expired_dt)
    except errors.NotYetValidError as error:
        return Trouble(standing=Standing.NOT_YET, day=error.valid_from)
    except (errors.PathError, errors.ValidationError, ValueError, TypeError):
        return Trouble(standing=Standing.UNKNOWN)
    return Trouble(standing=Standing.TRUSTED, asked=strict)


def path_to(
    certificate: "Certificate", within: "ValidationContext", more: "Iterable[Certificate]" = ()
) -> "ValidationPath":
    """The chain from a root to a certificate. Raises the library's errors when there is none that holds."""
    from pyhanko_certvalidator import CertificateValidator

    validator = CertificateValidator(certificate, intermediate_certs=list(more), validation_context=within)
    return asyncio.run(validator.async_validate_path())


def for_documents(certificate: "Certificate") -> bool:
    """Whether documents may be sealed with it (RFC 5280, 4.2.1.3 and 4.2.1.12)."""
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & set(usage.native):
        return False
    extended = certificate.extended_key_usage_value
    return extended is None or not set(extended.native) <= NOT_FOR_DOCUMENTS


def name_of(certificate: "Certificate", kind: str = "common_name") -> str:
    """A part of the name of whom a certificate is for, in one line of at most 120 signs."""
    found = certificate.subject.native.get(kind, "")
    text = "、".join(found) if isinstance(found, list) else str(found)
    return "".join(sign for sign in text if sign.isprintable())[:120]
