"""Calendar feeds (iCalendar) that people subscribe to by a secret link."""
