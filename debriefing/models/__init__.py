"""Models of debriefing: what was said after an event, its confidential part, who was asked, and what is needed."""

from debriefing.models.answers import ConfidentialAnswers
from debriefing.models.debriefing import Debriefing, UsedMaterial
from debriefing.models.need import Need
from debriefing.models.request import DebriefingRequest
from debriefing.models.rights import DebriefingRights

__all__ = ["ConfidentialAnswers", "Debriefing", "DebriefingRequest", "DebriefingRights", "Need", "UsedMaterial"]
