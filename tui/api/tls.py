"""TLS: whom a connection trusts and what it shows of itself, read from files that may be anything.

The certificate of a client and those of private authorities come from the profile. What cannot be used is told
with what mends it.
"""

from __future__ import annotations

import calendar
import os
import ssl
import stat
import time
from typing import TYPE_CHECKING

import httpx

from tui.api.errors import BadSetting, LinkError

if TYPE_CHECKING:
    from pathlib import Path

    from tui.api.credentials.server import Server

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST = 1 << 20  # bytes of a file of certificates


def create_context(server: Server, *, identified: bool = True) -> ssl.SSLContext:
    """Return the context for https. It reads files: call it in a thread.

    It shows the client's certificate only where it is `identified`: to the server of the profile and to no other.
    Raises BadSetting for files of the profile, and LinkError for those of the environment.
    """
    try:
        context = httpx.create_ssl_context()
    except OSError:  # ssl.SSLError is one too
        sentence = "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read."
        raise LinkError("tls", sentence, sent=False) from None
    if server.ca:
        _load_authorities(context, server.ca)
    if server.client_cert and identified:
        _load_client(context, server.client_cert, server.client_key)
    elif server.client_key and identified:
        raise BadSetting(
            "The profile names a client_key and no client_cert.", "Name the certificate that the key belongs to."
        )
    return context


def _load_authorities(context: ssl.SSLContext, path: Path) -> None:
    """Trust the certificates in a file, or in the files of a directory, too. Raises BadSetting."""
    try:
        files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        texts = [_read(each, "ca") for each in files]
    except OSError as error:
        raise _make_error("ca", path, error) from None
    blocks = [text for text in texts if "-----BEGIN CERTIFICATE-----" in text]
    if not blocks:
        raise BadSetting(
            f"{path}, which ca names, holds no certificate in PEM form.",
            "Write it so: openssl x509 -inform der -in ca.crt -out ca.pem.",
        )
    try:
        context.load_verify_locations(cadata="\n".join(blocks))
    except (ssl.SSLError, ValueError):
        raise BadSetting(
            f"{path}, which ca names, holds a certificate that cannot be read.", "Fetch it again."
        ) from None


def _load_client(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Show a certificate to the server. Raises BadSetting."""
    if "-----BEGIN CERTIFICATE-----" not in _read(certificate, "client_cert"):
        raise BadSetting(
            f"{certificate}, which client_cert names, holds no certificate in PEM form.",
            "Out of a .p12 file: openssl pkcs12 -in client.p12 -clcerts -nokeys -out client.pem.",
        )
    holder, called = (key, "client_key") if key else (certificate, "client_cert")
    text = _read(holder, called)
    if "PRIVATE KEY-----" not in text:
        then = "Name the file of the key as client_key." if key is None else "Name the file that begins with it."
        raise BadSetting(f"{holder}, which {called} names, holds no private key in PEM form.", then)
    if os.name == "posix" and holder.stat().st_mode & _OTHERS:
        raise BadSetting(
            f"{holder} holds a private key that others on this machine may read; it is not used.",
            f"chmod 600 {holder}",
        )
    asked: list[bool] = []

    def refuse() -> str:
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except ssl.SSLError as error:
        if asked:
            raise BadSetting(
                f"The key in {holder} is locked with a passphrase, for which o9s does not ask.",
                f"Write it without one, readable by you alone: openssl pkey -in {holder} -out client.key; "
                "chmod 600 client.key.",
            ) from None
        if error.reason == "KEY_VALUES_MISMATCH":
            raise BadSetting(
                f"The key in {holder} does not belong to the certificate in {certificate}.",
                "Name the key that the certificate was made for.",
            ) from None
        raise BadSetting(
            f"The certificate in {certificate} or the key in {holder} is damaged ({error.reason or 'no PEM'}).",
            "Fetch them again.",
        ) from None


def _read(path: Path, setting: str) -> str:
    """Return the text of a file that a setting names. Raises BadSetting."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("utf-8", "replace")
    except OSError as error:
        raise _make_error(setting, path, error) from None


def _make_error(setting: str, path: Path, error: OSError) -> BadSetting:
    why = (error.strerror or "unknown fault").lower()
    return BadSetting(
        f"{path}, which {setting} names, cannot be read: {why}.", "Mend the path in the config file."
    )


def find_end(response: httpx.Response) -> float | None:
    """Return when the certificate of the server that answered ends, in unix seconds; None where there is none."""
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    shown = tls.getpeercert() if tls else None
    return ssl.cert_time_to_seconds(shown["notAfter"]) if shown and "notAfter" in shown else None


def read_end(path: Path) -> float | None:
    """Return when the first certificate of a file ends, in unix seconds; None where the file does not tell."""
    try:
        text = _read(path, "client_cert")
        block = text[text.index("-----BEGIN CERTIFICATE-----") :].partition("-----END CERTIFICATE-----")
        return _end_of(ssl.PEM_cert_to_DER_cert("".join(block[:2]) + "\n"))
    except (BadSetting, ValueError, IndexError):
        return None


def _end_of(der: bytes) -> float:
    """Return when a certificate ends. Raises ValueError and IndexError for what is none."""
    _, outer, _ = _read_element(der, 0)
    _, at, _ = _read_element(der, outer)
    tag, begin, end = _read_element(der, at)
    if tag == 0xA0:  # its version, which the first ones do not tell
        at = end
    for _ in range(3):  # number, algorithm, issuer
        _, _, at = _read_element(der, at)
    _, begin, _ = _read_element(der, at)
    _, _, begin = _read_element(der, begin)
    tag, begin, end = _read_element(der, begin)
    text = der[begin:end].decode("ascii")
    return float(calendar.timegm(time.strptime(text, "%y%m%d%H%M%SZ" if tag == 0x17 else "%Y%m%d%H%M%SZ")))


def _read_element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, begin and end of the content of the element that stands at a place."""
    tag, length, at = der[at], der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(der[at : at + count], "big"), at + count
    if at + length > len(der):
        raise ValueError("cut off")
    return tag, at, at + length
