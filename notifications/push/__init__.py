"""Notifications in browsers (web push): whoever has a device gets the same news there, beside the mails.

Off, and neither seen nor read anywhere, as long as the environment names no key (`keys.is_on`).
"""
