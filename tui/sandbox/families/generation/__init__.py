"""Endpoints that models answer: chat and text completions, responses, conversations, embeddings, moderations."""
