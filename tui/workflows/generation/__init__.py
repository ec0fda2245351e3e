"""Answers that models are asked for: sent, streamed and gathered."""
