"""Slack and events: one's own duties, where one could help, and what is told of events in a channel."""


def register() -> None:
    """Add commands, the button and the posts."""
    from events.slack import duties, openings, posts

    for part in (duties, openings, posts):
        part.register()
