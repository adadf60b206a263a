"""A run in a file, so that it can be resumed to the same bits."""
