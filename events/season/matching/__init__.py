"""Matching: which people and qualifications of this organisation the records of a season mean; reads only."""
