"""Whom and what the records of a season mean in this organisation; reads only."""
