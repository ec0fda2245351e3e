"""What servers want that speak the API, by the name of what they run. A profile names one as its `kind`.

A preset only sets what a profile could set itself, and which lists are not asked for as such a server has none.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Preset(NamedTuple):
    """What is known of a kind of server. Its source says so."""

    source: str
    base_url: str = ""
    """Where it is, if that is the same for everybody, or where it listens on one's own machine."""
    path: str = "/v1"
    """What is added to a base URL without a path."""
    auth: str = "bearer"
    headers: Mapping[str, str] = MappingProxyType({})
    """What is sent with each request, where the profile has no header of the name."""
    serves: tuple[str, ...] = ()
    """How the paths of its lists begin; () where it may have any. What is OpenAI's own organization none has."""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "azure": Preset(
            "https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle",
            path="/openai/v1",
            auth="api-key",
            headers={"aoai-evals": "preview"},  # without which evals are refused
        ),
        "groq": Preset(
            "https://console.groq.com/docs/openai, github.com/groq/groq-python api.md",
            "https://api.groq.com/openai/v1",
            path="/openai/v1",
            serves=("models", "files", "batches"),
        ),
        "litellm": Preset("https://docs.litellm.ai/docs/simple_proxy", "http://127.0.0.1:4000/v1"),
        "llama-stack": Preset("https://pypi.org/project/llama-stack", "http://127.0.0.1:8321/v1"),
        "llama.cpp": Preset(
            "github.com/ggml-org/llama.cpp tools/server/README.md", "http://127.0.0.1:8080/v1", serves=("models",)
        ),
        "lm-studio": Preset(
            "https://lmstudio.ai/docs/developer/openai-compat", "http://127.0.0.1:1234/v1", serves=("models",)
        ),
        "ollama": Preset(
            "https://docs.ollama.com/api/openai-compatibility", "http://127.0.0.1:11434/v1", serves=("models",)
        ),
        "together": Preset(  # files of batches go up in a way of its own
            "https://docs.together.ai/docs/inference/openai-compatibility, github.com/togethercomputer/openapi",
            "https://api.together.ai/v1",
            serves=("models", "files", "batches"),
        ),
        "vllm": Preset(
            "https://docs.vllm.ai/en/v0.32.0/serving/online_serving",
            "http://127.0.0.1:8000/v1",
            serves=("models", "responses"),
        ),
    }
)
