"""Take-outs: lists of the platform and the contents of its files, kept in a folder."""
