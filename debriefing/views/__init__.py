"""Member pages of debriefing."""
