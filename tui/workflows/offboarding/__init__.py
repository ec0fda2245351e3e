"""Taking from a person what they hold: what that is, and the calls in their order."""
