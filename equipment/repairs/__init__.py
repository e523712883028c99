"""Repairs of items: what is wrong, how bad it is, who works on it, and what that makes of the item's status.

`rules` decides on plain values, `querysets` asks the same in SQL, `timeline` names what is told of a repair, `export`
writes the queue as a file. Every change is made by `equipment.services.repairs`.
"""
