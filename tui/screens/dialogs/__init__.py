"""Screens that ask or show one thing and go: questions, confirmations, pickers, viewers."""
