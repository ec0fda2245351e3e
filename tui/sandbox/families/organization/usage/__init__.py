"""Usage and costs of the organization."""
