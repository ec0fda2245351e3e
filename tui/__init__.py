"""o9s: the OpenAI platform in a terminal."""

__version__ = "0.1.0"
