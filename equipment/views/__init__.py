"""Member pages of equipment."""
