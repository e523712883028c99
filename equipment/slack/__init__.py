"""Slack and equipment: what is told of repairs, the board as an answer, and work on repairs in windows.

What is changed is changed by the services of repairs; here is only what is asked and how it is said.
"""


def register() -> None:
    """Add commands, windows, lists and posts."""
    from equipment.slack import actions, creating, posts, reporting, status, updating

    for part in (reporting, status, creating, actions, updating, posts):
        part.register()
