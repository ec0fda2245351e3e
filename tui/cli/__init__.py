"""The command line. It imports nothing heavy until a command needs it."""
