"""The key of a seal: a PKCS#12 file, or a key on a PKCS#11 token that never leaves it; and the password to either.

A password comes from the environment, the system's keyring or a question; it is handed to the library that opens the
key and to nothing else. No error keeps the one that it came from: that one could quote what it was given.
"""

import importlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qmanual.language import N_
from qmanual.model.seal import Seal
from qmanual.seal.trust import Trust, name_of
from qmanual.signing import Refused

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from cryptography import x509
    from pyhanko.sign import Signer

PASSWORD = "QMANUAL_SEAL_PASSWORD"
KEYRING = "qmanual-seal"
LARGEST = 1024 * 1024
"""As long may a key file be, in bytes; usual ones take 3 to 10 KB."""

Ask = Callable[[str], str]
"""Asks a person for the password to what is named."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is ready: what signs, its certificate, the certificates that came with it."""

    signer: "Signer"
    certificate: "Certificate"
    others: "tuple[Certificate, ...]"

    @property
    def holder(self) -> str:
        """Whom the certificate is for."""
        return name_of(self.certificate) or name_of(self.certificate, "organization_name")


def open_key(seal: Seal, root: Path, trust: Trust, ask: Ask) -> Key:
    """The key that the settings name. `root` is the manual. Raises `Refused`."""
    if seal.module:
        return _on_token(seal, root, trust, ask)
    return _in_file(Path(seal.key).expanduser(), root, trust, ask)


def password(name: str, ask: Ask) -> str:
    """The password to what is named: the environment's, else the keyring's, else what a person answers."""
    if (known := os.environ.get(PASSWORD)) is not None:
        return known
    try:
        kept = importlib.import_module("keyring").get_password(KEYRING, name)
    except Exception:  # not installed, locked, or no keyring on this system: a person is asked
        kept = None
    return str(kept) if kept is not None else ask(name)


# -- a file --------------------------------------------------------------------------------------------------------


def _in_file(path: Path, root: Path, trust: Trust, ask: Ask) -> Key:
    data = _key_file(path, root)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        found = pkcs12.load_pkcs12(data, password(str(path), ask).encode())
    except UnsupportedAlgorithm:
        raise Refused(N_("{path} is encrypted in a way that is no longer safe. Export the certificate anew, with AES."),
                      path=str(path)) from None  # fmt: skip
    except (ValueError, TypeError):
        raise Refused(N_("{path} does not open: the password is wrong, or the file is damaged or no PKCS#12 file "
                         "(.p12, .pfx)."), path=str(path)) from None  # fmt: skip
    if found.key is None or found.cert is None:
        raise Refused(N_("{path} lacks the private key or its certificate. Export both together, with the chain."),
                      path=str(path))  # fmt: skip
    return _from_memory(
        found.key, found.cert.certificate, [one.certificate for one in found.additional_certs], path, trust
    )


def _key_file(path: Path, root: Path) -> bytes:
    if (path.is_absolute() and path.resolve().is_relative_to(root.resolve())) or not path.is_absolute():
        raise Refused(N_("The key file {path} lies in the manual, where everybody gets it. Keep it elsewhere, readable "
                         "for you alone, and name its full path."), path=str(path))  # fmt: skip
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise Refused(N_("There is no key file {path}."), path=str(path))
        return path.read_bytes()
    except OSError as error:
        raise Refused(N_("{path} cannot be read: {reason}"), path=str(path), reason=error.strerror or "") from None


def _from_memory(
    key: object, certificate: "x509.Certificate", others: "Iterable[x509.Certificate]", path: Path, trust: Trust
) -> Key:
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise Refused(N_("The key in {path} is neither RSA nor ECDSA; PDF readers verify no other."), path=str(path))
    mine, *links = (Certificate.load(one.public_bytes(Encoding.DER)) for one in (certificate, *others))
    store = SimpleCertificateStore()
    store.register_multiple({*links, *trust.links})
    signing = PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return Key(SimpleSigner(signing_cert=mine, signing_key=signing, cert_registry=store), mine, tuple(links))


# -- a token -------------------------------------------------------------------------------------------------------


def _on_token(seal: Seal, root: Path, trust: Trust, ask: Ask) -> Key:
    module = _module(seal.module, root)
    try:
        import pkcs11
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
    except ImportError:
        text = N_("Reading a token needs the Python package python-pkcs11: {command}")
        raise Refused(text, command=".venv/bin/python -m pip install python-pkcs11") from None
    name = seal.token or seal.label
    criteria = TokenCriteria(label=seal.token) if seal.token else None
    try:
        session = open_pkcs11_session(
            str(module), slot_no=seal.slot, token_criteria=criteria, user_pin=password(name, ask)
        )
        signer = PKCS11Signer(session, cert_label=seal.label, ca_chain=trust.links, other_certs_to_pull=None)
        certificate = signer.signing_cert
        others = tuple(one for one in signer.cert_registry if one != certificate)
    except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid):
        raise Refused(N_("The token {token} refuses the PIN. After a few wrong ones it locks itself."),
                      token=name) from None  # fmt: skip
    except pkcs11.PinLocked:
        raise Refused(N_("The token {token} has locked itself after wrong PINs; its issuer unlocks it."),
                      token=name) from None  # fmt: skip
    except (pkcs11.PKCS11Error, RuntimeError, OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise Refused(N_("The token {token} cannot be used: {reason}. Is it plugged in, and are token, slot and label "
                         "as the settings name them?"), token=name, reason=reason) from None  # fmt: skip
    return Key(signer, certificate, others)


def _module(name: str, root: Path) -> Path:
    """The library of a token. It is a program that runs as this user: never one that came with a manual, nor one that
    others could have put there.
    """
    path = Path(name)
    if not path.is_absolute() or path.resolve().is_relative_to(root.resolve()):
        raise Refused(N_("The PKCS#11 module {path} must be named by its full path, outside of the manual."), path=name)
    if not path.is_file():
        raise Refused(N_("There is no PKCS#11 module {path}. Install the token's driver."), path=name)
    if os.name != "nt":
        for one in (path.resolve(), path.resolve().parent):
            status = one.stat()
            if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid not in (0, os.getuid()):
                raise Refused(N_("Others can write {path}: no program is run from there."), path=str(one))
    return path
