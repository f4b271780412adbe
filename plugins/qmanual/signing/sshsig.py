"""SSH signatures over files (OpenSSH, PROTOCOL.sshsig; security keys: PROTOCOL.u2f), verified as ssh-keygen does.

The verdicts are those of `ssh-keygen -Y verify`; where there is a difference, this module is the stricter: it refuses
what stands around the armour, RSA keys under 2048 bits, a security key that nobody touched, and certificates.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from qmanual.language import N_
from qmanual.signing.key import CURVES, ED25519, RSA, SK_ECDSA, SK_ED25519, PublicKey, read_blob
from qmanual.signing.wire import Refused, Wire, string, unbase64, whole

LIMIT = 64 * 1024
"""The longest armour that is looked at, in bytes. One of RSA with 16384 bits takes 6 KB."""

_ARMOUR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n(?P<data>[A-Za-z0-9+/\n]+={0,2})\n-----END SSH SIGNATURE-----\n?"
)
_MAGIC = b"SSHSIG"
_HASHES = frozenset({"sha256", "sha512"})
_RSA_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "rsa-sha2-256": hashes.SHA256,
    "rsa-sha2-512": hashes.SHA512,
}
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
_USER_PRESENT = 0x01


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as read: the key that it says made it, what it is meant for, and the bytes that prove it."""

    key: PublicKey
    namespace: str
    hash: str
    value: bytes


def read_signature(armoured: bytes) -> Signature:
    """The signature in an armour `-----BEGIN SSH SIGNATURE-----`. Raises `Refused`."""
    match = _ARMOUR.fullmatch(armoured) if len(armoured) <= LIMIT else None
    if not match:
        raise Refused(N_("it is no SSH signature, or something stands before or after it"))
    with whole(unbase64(match["data"].replace(b"\n", b""))) as wire:
        if wire.take(len(_MAGIC)) != _MAGIC or wire.number() != 1:
            raise Refused(N_("it is no SSH signature of version 1"))
        key, space = wire.string(), wire.string()
        wire.string()  # reserved: to be ignored, says the protocol; it is no part of what was signed
        signature = Signature(read_blob(key), _text(space), wire.name(), wire.string())
    if signature.hash not in _HASHES:
        raise Refused(N_("its hash {hash} is not accepted"), hash=signature.hash)
    return signature


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def verify(armoured: bytes, message: bytes, namespace: str) -> PublicKey:
    """The key that signed `message` for `namespace`. Raises `Refused` when none did.

    Whose key that is, and whether it might sign, is not asked here.
    """
    signature = read_signature(armoured)
    if signature.namespace != namespace:
        raise Refused(N_("it was made for another purpose: {namespace}"), namespace=signature.namespace)
    digest = hashlib.new(signature.hash, message).digest()
    signed = _MAGIC + string(namespace.encode()) + string(b"") + string(signature.hash.encode()) + string(digest)
    try:
        _check(signature.key, signature.value, signed)
    except (InvalidSignature, ValueError):  # ValueError: a point that is not on its curve
        raise Refused(N_("it does not fit the text, or the key")) from None
    return signature.key


def _check(key: PublicKey, value: bytes, signed: bytes) -> None:
    """Raise InvalidSignature, ValueError or `Refused` unless `value` is a signature of `key` over `signed`."""
    material = Wire(key.blob)
    material.name()
    with whole(value) as wire:
        algorithm = wire.name()
        accepted = _RSA_HASHES if key.type == RSA else (key.type,)
        if algorithm not in accepted:
            text = N_("the algorithm {algorithm} is not accepted for this key")
            raise Refused(text, algorithm=algorithm)
        _VERIFIERS[key.type](material, wire, signed, algorithm)


def _ed25519(material: Wire, wire: Wire, signed: bytes, algorithm: str) -> None:
    Ed25519PublicKey.from_public_bytes(material.string()).verify(wire.string(), signed)


def _rsa(material: Wire, wire: Wire, signed: bytes, algorithm: str) -> None:
    exponent, modulus = material.positive(), material.positive()
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    given = wire.string().rjust(key.key_size + 7 >> 3, b"\0")  # some signers leave out zeros at the beginning
    key.verify(given, signed, padding.PKCS1v15(), _RSA_HASHES[algorithm]())


def _ecdsa(curve: str, material: Wire, wire: Wire, signed: bytes, algorithm: str) -> None:
    material.name()
    kind, hash_ = _CURVES[curve]
    key = ec.EllipticCurvePublicKey.from_encoded_point(kind, material.string())
    with whole(wire.string()) as pair:
        given = encode_dss_signature(pair.positive(), pair.positive())
    key.verify(given, signed, ec.ECDSA(hash_))


def _security_key(plain: "_Verifier", parts: int, material: Wire, wire: Wire, signed: bytes, algorithm: str) -> None:
    """What a security key signs: its application, flags and counter, and a hash of the message (PROTOCOL.u2f)."""
    key = b"".join(string(material.string()) for _ in range(parts))
    application = material.string()
    given = string(wire.string())
    flags, counter = wire.number(1), wire.take(4)
    if not flags & _USER_PRESENT:
        raise Refused(N_("nobody touched the security key"))
    inner = hashlib.sha256(application).digest() + bytes([flags]) + counter + hashlib.sha256(signed).digest()
    plain(Wire(key), Wire(given), inner, algorithm)


_Verifier = Callable[[Wire, Wire, bytes, str], None]
_VERIFIERS: dict[str, _Verifier] = {
    ED25519: _ed25519,
    RSA: _rsa,
    SK_ED25519: partial(_security_key, _ed25519, 1),
    SK_ECDSA: partial(_security_key, partial(_ecdsa, "nistp256"), 2),
    **{name: partial(_ecdsa, curve) for name, curve in CURVES.items()},
}
