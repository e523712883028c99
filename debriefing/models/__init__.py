"""Models of debriefing: what was said after an event, its confidential part, and who was asked."""

from debriefing.models.answers import ConfidentialAnswers
from debriefing.models.debriefing import Debriefing, UsedMaterial
from debriefing.models.request import DebriefingRequest
from debriefing.models.rights import DebriefingRights

__all__ = ["ConfidentialAnswers", "Debriefing", "DebriefingRequest", "DebriefingRights", "UsedMaterial"]
