"""Calendars that people subscribe to by a secret link."""
