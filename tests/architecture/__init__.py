"""The house rules of ARCHITECTURE.md and CONTRIBUTING.md, kept by reading the source."""
