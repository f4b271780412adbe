"""Asks others for what this program cannot make: a signature of ssh-keygen or the agent, a time stamp of an authority.

Keys stay where they are. ssh-keygen reads them, asks for the passphrase or the touch of a security key on the terminal,
and gives back a signature; no key material passes through here. A network is used for one thing only: the time stamp
authority that the person named.
"""

import http.client
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.signing import PublicKey, Refused

AGENT = "agent"
"""The word in place of a key file: whatever key the agent holds of this person."""

_PASSED_ON = re.compile(
    r"PATH|HOME|USERPROFILE|SYSTEMROOT|TEMP|TMP|TERM|LANG|LC_\w+|DISPLAY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|"
    r"SSH_ASKPASS|SSH_ASKPASS_REQUIRE|SSH_SK_PROVIDER",
    re.IGNORECASE,
)
_TIMEOUT = 30
_LARGEST = 64 * 1024


def sign(message: bytes, namespace: str, key: str, public: tuple[PublicKey, ...]) -> bytes:
    """The SSH signature over `message`, in its armour. `key`: a key file, or `agent` for one of the `public` keys.

    Raises `Refused` when nothing signs; what ssh-keygen says of it stands on the terminal already.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise Refused(N_("ssh-keygen is not installed. It comes with OpenSSH (Debian: openssh-client; Windows: "
                           "optional feature OpenSSH Client)."))  # fmt: skip
    if key != AGENT:
        path = Path(key).expanduser()
        if not path.is_file():
            raise Refused(N_("There is no key file {path}."), path=str(path))
        signature = _run(program, path, message, namespace)
    else:
        signature = _agent(program, public, message, namespace)
    if signature is None:
        raise Refused(N_("ssh-keygen did not sign. What it said stands above; try: ssh-keygen -y -f {path}"), path=key)
    return signature


def _agent(program: str, public: tuple[PublicKey, ...], message: bytes, namespace: str) -> bytes | None:
    """The signature by the first of these keys that the agent holds."""
    if not os.environ.get("SSH_AUTH_SOCK") and os.name != "nt":
        raise Refused(N_("No SSH agent runs here (SSH_AUTH_SOCK is not set). Name a key file: --key FILE"))
    with tempfile.TemporaryDirectory(prefix="qmanual-") as folder:
        path = Path(folder) / "key.pub"
        for key in public:
            path.write_text(f"{key.line}\n", encoding="ascii")
            if signature := _run(program, path, message, namespace, quiet=True):
                return signature
    raise Refused(N_("The SSH agent holds none of the keys registered for this person. Load it: ssh-add FILE"))


def _run(program: str, key: Path, message: bytes, namespace: str, quiet: bool = False) -> bytes | None:
    command = [program, "-q", "-Y", "sign", "-n", namespace, "-f", str(key)]
    errors = subprocess.DEVNULL if quiet else None  # prompts and the request to touch the security key go there
    done = subprocess.run(
        command, input=message, stdout=subprocess.PIPE, stderr=errors, env=_environment(), check=False
    )
    return done.stdout if done.returncode == 0 and done.stdout else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}


class _Stay(urllib.request.HTTPRedirectHandler):
    """A time stamp authority answers itself; it sends nobody elsewhere."""

    def redirect_request(self, *_: object) -> None:
        return None


def stamp(data: bytes, url: str) -> bytes:
    """The time stamp over `data` of the authority at `url`, as it answered (RFC 3161, 3.4). Raises `Refused`."""
    from qmanual.signing import timestamp  # loads a library that only this command needs

    asked = timestamp.request(data)
    token = ask(url, asked)
    try:
        timestamp.look(token, asked)
    except Refused as error:
        cause = Phrase(error.text, **error.details)
        raise Refused(N_("{url} gave no time stamp: {reason}"), url=url, reason=cause) from error
    return token


def ask(url: str, asked: bytes) -> bytes:
    """What the authority at `url` answers to a request (RFC 3161, 3.4), at most 64 KB of it. Raises `Refused`."""
    if not re.match(r"https?://[^/]", url):
        raise Refused(N_("{url} is no address of a time stamp authority; it begins with http:// or https://"), url=url)
    head = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, asked, head)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=_TIMEOUT) as answer:
            token: bytes = answer.read(_LARGEST + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Refused(N_("{url} gave no time stamp: {reason}"), url=url, reason=str(error)) from error
    return token
