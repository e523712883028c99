"""Forms of debriefing."""
