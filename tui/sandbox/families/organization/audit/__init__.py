"""The audit log of the organization."""
