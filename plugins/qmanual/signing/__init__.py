"""Signatures and time stamps as bytes: read them, and say whether they hold. Nothing is signed here.

SSH signatures, because every member of staff who uses git has such a key or gets one in a minute, and RFC 3161 time
stamps, because a signature alone says nothing of when it was made. Both are verified in this process, without
ssh-keygen or openssl, so that an outsider needs nothing but the repository. Only this room knows `cryptography`.
`key` reads public keys and imports nothing heavy; `sshsig` and `timestamp` are imported where something is verified.
"""

from qmanual.signing.key import PublicKey, read_public_key
from qmanual.signing.wire import Refused

__all__ = ["PublicKey", "Refused", "read_public_key"]
