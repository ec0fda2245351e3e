"""The embedded platform: a real HTTP server in its own process. Imports nothing else of o9s."""
