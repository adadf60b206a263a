"""How often is the law found? See `__main__`."""
