"""The workspace in which the tests of Slack play."""

from notifications.tests.slack.workspace import slack_server, workspace

__all__ = ["slack_server", "workspace"]
