"""A network in a file, and out of it."""
