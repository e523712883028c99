"""Forms of the member pages of equipment."""
