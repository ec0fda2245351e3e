"""One list read from many parents, such as the keys of all projects."""
