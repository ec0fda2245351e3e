"""The platform, declared: one file per family. No widgets, no I/O."""
