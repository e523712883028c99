"""The static status page: a file outside of the site that says what works, also while the site is down.

`board` reads what it shows · `rendering` makes the file · `targets` write it: a directory, S3, Google storage ·
`cloudfront` makes caches forget the old one · `pushing` is when and how often · `listeners` is what alters it.
"""
