"""Public keys as people have them in `id_ed25519.pub`: type, base64, comment (RFC 4253, 6.6; RFC 8332; RFC 8709)."""

import base64
import hashlib
import re
from dataclasses import dataclass

from qmanual.language import N_
from qmanual.signing.wire import Refused, Wire, unbase64, whole

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
CURVES = {f"ecdsa-sha2-nistp{size}": f"nistp{size}" for size in (256, 384, 521)}
TYPES = (ED25519, *CURVES, RSA, SK_ED25519, SK_ECDSA)
RSA_BITS = range(2048, 16385)
"""The shortest that NIST SP 800-131A allows; the longest that OpenSSH reads."""

_LINE = re.compile(r"(?P<type>[a-z0-9@.-]+)[ \t]+(?P<data>[A-Za-z0-9+/]+={0,2})(?:[ \t]+(?P<comment>[^\r\n]*))?")
_POINT = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
_SMALL_ORDER = frozenset({
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    *(f"{first}{'ff' * 30}7f" for first in ("ec", "ed", "ee")),
})  # fmt: skip
"""Points of small order on Curve25519's twin (RFC 8032), without the bit of their sign: a signature that holds for
such a key is made without any secret. ssh-keygen takes them."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: `type` such as `ssh-ed25519`, `blob` in SSH's form, which says everything, the type included."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as `ssh-keygen -l` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """Type and base64, as in a `.pub` file, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"


def read_public_key(text: str) -> PublicKey:
    """The key in a line `ssh-ed25519 AAAA… comment`. Raises `Refused`."""
    match = _LINE.fullmatch(text.strip())
    if not match:
        raise Refused(N_("it is not of the form `ssh-ed25519 AAAA… comment`"))
    key = read_blob(unbase64(match["data"].encode()))
    if key.type != match["type"]:
        raise Refused(N_("its type is {type}, not what stands before it"), type=key.type)
    return key


def read_blob(blob: bytes) -> PublicKey:
    """The key in SSH's form. Raises `Refused` for kinds that are not accepted and for anything malformed."""
    with whole(blob) as wire:
        kind = wire.name()
        if kind not in TYPES:
            known = ", ".join(TYPES)
            raise Refused(N_("keys of the type {type} are not accepted; use one of: {known}"), type=kind, known=known)
        if kind == RSA:
            _rsa(wire)
        elif kind in (ED25519, SK_ED25519):
            _edwards(wire)
        else:
            _point(wire, CURVES.get(kind, "nistp256"))
        if kind in (SK_ED25519, SK_ECDSA) and not wire.name().startswith("ssh:"):
            raise Refused(N_("it is a key for websites, not for SSH"))
    return PublicKey(kind, blob)


def _edwards(wire: Wire) -> None:
    point = wire.string()
    if len(point) != 32:
        raise Refused(N_("it has the wrong length"))
    if (point[:-1] + bytes([point[-1] & 0x7F])).hex() in _SMALL_ORDER:
        raise Refused(N_("everybody can sign with it"))


def _rsa(wire: Wire) -> None:
    exponent, modulus = wire.positive(shortest=True), wire.positive(shortest=True)
    if modulus.bit_length() not in RSA_BITS:
        raise Refused(N_("an RSA key has at least 2048 bits, this one has {bits}"), bits=str(modulus.bit_length()))
    if exponent < 3 or exponent % 2 == 0 or modulus % 2 == 0 or exponent.bit_length() > 64:
        raise Refused(N_("it is no RSA key"))


def _point(wire: Wire, curve: str) -> None:
    if wire.name() != curve:
        raise Refused(N_("its curve is not that of its type"))
    point = wire.string()
    if len(point) != _POINT[curve] or point[0] != 4:
        raise Refused(N_("it has the wrong length"))
