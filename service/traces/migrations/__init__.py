"""The steps by which the database of traces came to its schema, oldest first."""
