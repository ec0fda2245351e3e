"""A folder of this machine kept as the files of a vector store."""
