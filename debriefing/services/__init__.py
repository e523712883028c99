"""Every change of this app: `asking` for debriefings, `submitting` them, those that are `imported`."""
