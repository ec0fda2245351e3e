"""The config file: its settings declared once, read leniently, written whole.

`settings.py` declares every setting; reading, notices, `o9s config` and the JSON schema go by that. Keys to the
platform never stand in the file: they come from the environment, a command or the keyring.
"""
