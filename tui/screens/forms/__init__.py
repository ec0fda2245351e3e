"""Forms made from request models."""
