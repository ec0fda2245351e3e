"""Certificates of the organization and its projects."""
