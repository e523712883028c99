"""Set-up wizard: three pages that make an installation out of an empty database.

On the roof, because it needs people, the built-in master event and the settings at once.
"""
