"""Views of text: lines, JSON, events, conversations, transcripts."""
