"""Threads of assistants on the screen: conversations, runs, and the tool calls they wait for."""
