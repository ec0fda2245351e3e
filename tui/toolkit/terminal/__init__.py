"""The terminal itself: its driver, its input, sequences beside the screen, the clipboard."""
