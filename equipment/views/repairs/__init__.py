"""Member pages of repairs."""
