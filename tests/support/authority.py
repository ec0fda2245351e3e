"""Certificates of a test's own, made by the `openssl` command: an authority, a server's and a client's."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """An authority in a directory. Keys and certificates are files there: NAME.key and NAME.pem."""

    def __init__(self, directory: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("needs the openssl command")
        self.directory = directory
        self._make("req", "-x509", "-subj", "/CN=authority", *self._new("ca"), "-out", "ca.pem", "-days", "30")

    def issue(self, name: str, days: int = 30) -> None:
        """Make a certificate for 127.0.0.1 that this authority signs, and its key."""
        self._make("req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", f"/CN={name}", *self._new(name),
                   "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
                   "-out", f"{name}.pem", "-days", str(days))  # fmt: skip

    def lock(self, name: str) -> None:
        """Lock a key with a passphrase."""
        self._make("ec", "-in", f"{name}.key", "-aes128", "-passout", "pass:x", "-out", f"{name}-locked.key")
        (self.directory / f"{name}-locked.key").chmod(0o600)

    def _new(self, name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", f"{name}.key"]

    def _make(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)
        for key in self.directory.glob("*.key"):
            key.chmod(0o600)
