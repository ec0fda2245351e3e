"""Places: what one can be at and come back to, such as a list, one object, usage or the audit log."""
