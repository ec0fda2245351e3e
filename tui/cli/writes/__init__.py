"""The commands that write: create, edit, cancel, delete, act, upload and download."""
