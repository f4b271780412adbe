"""SSH's way to write values as bytes (RFC 4251, 5), read strictly: what is cut short or left over is refused."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager

from qmanual.language import N_


class Refused(Exception):
    """Bytes that prove nothing. `text` is a text of the catalogue that says why, `details` fill its placeholders."""

    def __init__(self, text: str, **details: str) -> None:
        super().__init__(text)
        self.text = text
        self.details = details


class Wire:
    """Takes values from the front of `data`. Every method raises `Refused` where there is no such value."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > len(self._data):
            raise Refused(N_("it is cut short"))
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def number(self, size: int = 4) -> int:
        """An unsigned number of `size` bytes, big end first."""
        return int.from_bytes(self.take(size), "big")

    def string(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.number())

    def name(self) -> str:
        """A string of ASCII, as names of algorithms are."""
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError:
            raise Refused(N_("a name in it is not ASCII")) from None

    def positive(self, *, shortest: bool = False) -> int:
        """A multiple precision integer that is not negative; zeros before it make no difference, as in OpenSSH.

        `shortest`: it must be written in the one way that RFC 4251 knows, so that one key has one form.
        """
        data = self.string()
        if data and data[0] & 0x80:
            raise Refused(N_("a number in it is negative"))
        if shortest and data[:1] == b"\0" and not data[1:2] >= b"\x80":
            raise Refused(N_("a number in it has zeros before it"))
        return int.from_bytes(data, "big")

    def end(self) -> None:
        """Refuse what is left over."""
        if self._data:
            raise Refused(N_("something is left over at its end"))


@contextmanager
def whole(data: bytes) -> Iterator[Wire]:
    """Read all of `data`: whatever is left over at the end is refused."""
    wire = Wire(data)
    yield wire
    wire.end()


def string(data: bytes) -> bytes:
    """`data` with its length before it."""
    return len(data).to_bytes(4, "big") + data


def unbase64(text: bytes) -> bytes:
    """What is written in base64, in the one way in which it is written."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        data = b""
    if base64.b64encode(data) != text:
        raise Refused(N_("its base64 is damaged"))
    return data
