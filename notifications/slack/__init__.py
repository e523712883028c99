"""Slack: commands and windows of the workspace, and posts that leave through the outbox.

Off, and neither asked nor imported anywhere, as long as the environment names no token (`config.is_on`). Apps above
declare what there is (`registry`); how Slack is talked to they do not know.
"""
