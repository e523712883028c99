"""Services of repairs, by module.

`opening` reports and new repairs · `work` everything that is done with one · `photos` their pictures. `record` is how
they lock, and what they leave in the timeline and in the record.

Order of locks: the person to whom it is assigned, the type of the item, the item, the repair.
"""
