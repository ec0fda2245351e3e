"""Servers that others wrote, from the package registries: installed, started on loopback, ended.

Each has a folder of its own below `O9S_PEERS`, or below a temporary one, and runs without the keys of this user.
Versions are pinned: of `litellm` some were published with malware in them.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tui.system.children import build_child_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KEY = "sk-peer-takes-this-key"
START_SECONDS = 120.0
_FOLDER = os.environ.get("O9S_PEERS", "")
_UPSTREAM_KEY = "sk-sandbox-takes-any-key"


@dataclass(frozen=True)
class Peer:
    """A server that somebody else wrote, and what of the platform it is known to have and to lack."""

    name: str
    kind: str
    """What a profile calls it; "" for nothing in particular."""
    model: str
    has: frozenset[str]
    lacks: frozenset[str]
    install: Callable[[Path], None]
    """Installs it into a folder. Skips the test where it cannot."""
    command: Callable[[Path, int, str], list[str]]
    """Writes its settings into the folder, and returns how it is started on a port, before an upstream server."""
    settings: str = ""
    """More lines of its profile."""


def _run(words: Sequence[str | Path], folder: Path) -> None:
    """Run a command of an installation. Skips the test where it fails."""
    try:
        done = subprocess.run(
            words, cwd=folder, env=build_child_environment(), capture_output=True, text=True, check=False
        )
    except OSError as error:
        pytest.skip(f"{words[0]} cannot be run: {error.strerror}")
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        pytest.skip(f"{' '.join(map(str, words))} ended with {done.returncode}: {' '.join(last)[:300]}")


def _install_python(folder: Path, *packages: str, at_least: tuple[int, int] = (3, 11)) -> None:
    """Install packages into an environment of their own, with a Python that they take."""
    for python in (sys.executable, *(f"python3.{minor}" for minor in range(at_least[1], at_least[1] + 3))):
        told = [python, "-c", f"import sys; sys.exit(sys.version_info < {at_least})"]
        if shutil.which(python) and subprocess.run(told, capture_output=True, check=False).returncode == 0:
            break
    else:
        pytest.skip(f"needs Python {at_least[0]}.{at_least[1]}: put one into the PATH")
    _run([python, "-m", "venv", folder / "venv"], folder)
    _run([folder / "venv" / "bin" / "pip", "install", "--quiet", *packages], folder)


def _install_aimock(folder: Path) -> None:
    if not shutil.which("node"):
        pytest.skip("needs node")
    _run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "@copilotkit/aimock@1.43.0"], folder)


def _command_aimock(folder: Path, port: int, _upstream: str) -> list[str]:
    package = folder / "node_modules" / "@copilotkit" / "aimock"
    says = folder / "says.json"
    says.write_text(json.dumps({"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": SAID}}]}))
    return ["node", str(package / "dist" / "cli.js"), "-p", str(port), "-f", str(says), "--log-level", "warn"]


SAID = "Hello, this answer was told word by word."


def _command_litellm(folder: Path, port: int, upstream: str) -> list[str]:
    provider = {"custom_llm_provider": "openai", "api_base": upstream, "api_key": _UPSTREAM_KEY}
    model = {"model": "openai/gpt-5-mini", "api_base": upstream, "api_key": _UPSTREAM_KEY}
    settings = {
        "model_list": [{"model_name": "gpt-5-mini", "litellm_params": model}],
        "files_settings": [provider],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
    path = folder / "settings.yaml"
    path.write_text(json.dumps(settings))
    litellm = str(folder / "venv" / "bin" / "litellm")
    return [litellm, "--config", str(path), "--host", "127.0.0.1", "--port", str(port)]


def _command_llama_stack(folder: Path, port: int, upstream: str) -> list[str]:
    state = folder / "state"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    sql, kv = "sql_default", "kv_default"
    providers = {
        "inference": ("remote::openai", {"api_key": _UPSTREAM_KEY, "base_url": upstream}),
        "files": (
            "inline::localfs",
            {"storage_dir": str(state / "files"), "metadata_store": {"table_name": "files", "backend": sql}},
        ),
        "batches": ("inline::reference", {"kvstore": {"namespace": "batches", "backend": kv}}),
    }
    settings = {
        "version": 2,
        "distro_name": "o9s",
        "apis": list(providers),
        "providers": {
            api: [
                {"provider_id": "openai" if api == "inference" else api, "provider_type": kind, "config": config}
            ]
            for api, (kind, config) in providers.items()
        },
        "storage": {
            "backends": {
                kv: {"type": "kv_sqlite", "db_path": str(state / "kv.db")},
                sql: {"type": "sql_sqlite", "db_path": str(state / "sql.db")},
            },
            "stores": {
                "metadata": {"namespace": "registry", "backend": kv},
                "inference": {
                    "table_name": "inference",
                    "backend": sql,
                    "max_write_queue_size": 99,
                    "num_writers": 1,
                },
                "conversations": {"table_name": "conversations", "backend": sql},
                "prompts": {"namespace": "prompts", "backend": kv},
                "connectors": {"namespace": "connectors", "backend": kv},
            },
        },
        "server": {"port": port, "host": "127.0.0.1"},
    }
    path = folder / "settings.yaml"
    path.write_text(json.dumps(settings))
    return [str(folder / "venv" / "bin" / "llama"), "stack", "run", str(path), "--port", str(port)]


_HOSTED = frozenset({"assistants", "evals", "skills"})
PEERS = (
    Peer(
        name="aimock",
        kind="",
        model="gpt-4o",
        has=frozenset({"models", "batches", "files", "fine-tuning"}),
        lacks=_HOSTED | {"vector-stores", "completions", "containers"},
        install=_install_aimock,
        command=_command_aimock,
    ),
    Peer(
        name="litellm",
        kind="litellm",
        model="gpt-5-mini",
        has=frozenset({"models", "batches", "files", "containers"}),
        lacks=frozenset({"fine-tuning", "completions", "assistants"}),
        install=lambda folder: _install_python(folder, "litellm[proxy]==1.82.6"),
        command=_command_litellm,
        settings='headers = { X-Team = "peers" }\n',
    ),
    Peer(
        name="llama-stack",
        kind="llama-stack",
        model="openai/gpt-5-mini",
        has=frozenset({"models", "batches", "files", "completions"}),
        lacks=_HOSTED | {"vector-stores", "fine-tuning", "containers"},
        install=lambda folder: _install_python(folder, "llama-stack==0.7.3", "mcp<2", at_least=(3, 12)),
        command=_command_llama_stack,
    ),
)


@contextmanager
def running(peer: Peer, upstream: str, temporary: Path) -> Iterator[str]:
    """Give the address, without a path, of a peer that runs; it is installed first where it is not yet."""
    folder = (Path(_FOLDER) if _FOLDER else temporary) / peer.name
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        peer.install(folder)
        (folder / "installed").touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / "home"
    home.mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network at its start
        "OPENAI_API_KEY": _UPSTREAM_KEY,
        "OPENAI_BASE_URL": upstream,
    }
    said = folder / "said.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            peer.command(folder, port, upstream), cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{peer.name} does not start:\n{said.read_text(errors='replace')[-3000:]}")
            process.poll()
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(address: str) -> bool:
    try:
        httpx.get(f"{address}/v1/models", headers={"Authorization": f"Bearer {KEY}"}, timeout=10, trust_env=False)
    except httpx.HTTPError:
        return False
    return True
