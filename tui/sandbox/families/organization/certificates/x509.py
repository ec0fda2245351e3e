"""Certificates in X.509, as far as needed to read a name and validity, and to make one up that parses."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import NamedTuple

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_SEQUENCE, _SET, _INTEGER, _BITS, _OID, _UTF8 = 0x30, 0x31, 0x02, 0x03, 0x06, 0x0C
_UTC_TIME, _TIME, _VERSION = 0x17, 0x18, 0xA0
_COMMON_NAME = bytes((0x55, 0x04, 0x03))
_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")
_EC_KEY, _P256 = bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d030107")
# The curve's base point: a public key whose private key is 1, so nobody would trust it.
_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


class Certificate(NamedTuple):
    """A certificate's common name, if it has one, and the unix seconds between which it is valid."""

    name: str | None
    valid_at: int
    expires_at: int


def read_certificate(pem: str) -> Certificate:
    """Read the one certificate in a PEM text. Raises ValueError with the reason when there is none."""
    found = _PEM.findall(pem)
    if len(found) != 1:
        raise ValueError(f"expected one PEM certificate, found {len(found)}")
    try:
        der = base64.b64decode("".join(found[0].split()), validate=True)
        (outer,) = _parts(der, _SEQUENCE)
        fields = _items(next(iter(_items(outer)))[1])
        body = [field for field in fields if field[0] != _VERSION]
        (_, _), (_, _), (_, _), (_, validity), (_, subject), *_ = body
        start, end = (_moment(*field) for field in _items(validity))
        name = _name(subject)
    except (binascii.Error, IndexError, StopIteration, ValueError) as error:
        raise ValueError(f"the PEM text holds no X.509 certificate ({error})") from None
    return Certificate(name, start, end)


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Return the tags and contents of DER values in a row."""
    items, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError("it ends too early")
        items.append((tag, data[at : at + length]))
        at += length
    return items


def _parts(data: bytes, tag: int) -> list[bytes]:
    return [content for found, content in _items(data) if found == tag]


def _moment(tag: int, text: bytes) -> int:
    if tag not in (_UTC_TIME, _TIME):
        raise ValueError("no validity")
    digits = text.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year, of 1950 to 2049
        digits = ("20" if int(digits[:2]) < 50 else "19") + digits
    return int(datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp())


def _name(subject: bytes) -> str | None:
    for part in _parts(subject, _SET):
        for pair in _parts(part, _SEQUENCE):
            (_, kind), (_, text) = _items(pair)
            if kind == _COMMON_NAME:
                return text.decode("utf-8", "replace")
    return None


# Making a certificate.


def simulate(name: str, valid_at: int, expires_at: int, serial: int) -> str:
    """Return the PEM of a certificate that parses, and that nothing would accept: its signature is empty."""
    algorithm = _der(_SEQUENCE, _der(_OID, _ECDSA_SHA256))
    subject = _der(
        _SEQUENCE,
        _der(_SET, _der(_SEQUENCE, _der(_OID, _COMMON_NAME), _der(_UTF8, name.encode("utf-8", "replace")))),
    )
    validity = _der(_SEQUENCE, *(_der(_TIME, _stamp(moment)) for moment in (valid_at, expires_at)))
    key = _der(_SEQUENCE, _der(_SEQUENCE, _der(_OID, _EC_KEY), _der(_OID, _P256)), _der(_BITS, b"\0" + _POINT))
    number = _der(_INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
    version = _der(_VERSION, _der(_INTEGER, b"\2"))
    body = _der(_SEQUENCE, version, number, algorithm, subject, validity, subject, key)
    signature = _der(_BITS, b"\0", _der(_SEQUENCE, _der(_INTEGER, b"\1"), _der(_INTEGER, b"\1")))
    text = base64.encodebytes(_der(_SEQUENCE, body, algorithm, signature)).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _stamp(moment: int) -> bytes:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M%SZ").encode()
