"""A batch's requests joined with its answers: read, paired, told, written."""
