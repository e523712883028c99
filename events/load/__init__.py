"""Seed data for measuring: a large invented organisation, the same for the same seed.

`shape.py` says how many of what, `people.py` makes the register, `plan.py` the events and what they ask for,
`crew.py` who stands on them, `waiting.py` who waits, `history.py` the record and the mails; `build.py` puts it all
into an empty database through bulk inserts. What results is what the services would have allowed.
"""
