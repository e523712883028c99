"""The workspace in which the tests of Slack play."""

from notifications.tests.slack.workspace import workspace

__all__ = ["workspace"]
