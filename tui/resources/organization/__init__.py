"""The organization: its projects, people, keys, limits, certificates and settings. All want an admin key."""
