from scoring.models.audits import BiasAudit
from scoring.models.counts import Exclusion, Pause, StaleScore, WeekCount
from scoring.models.disputes import Correction, Dispute
from scoring.models.drafts import ModelDraft
from scoring.models.drift import DriftBounds
from scoring.models.figures import TeamFigure, TeamFigurePerson
from scoring.models.imports import Import
from scoring.models.inbox import Delivery, Handle, Inbox, InboxDay, Sighting, WeekKey
from scoring.models.live import Preparedness, Switch
from scoring.models.previews import ModelPreview, PreviewOpened
from scoring.models.scores import ModelTerm, ModelVersion, Run, Score

__all__ = [
    "BiasAudit",
    "Correction",
    "Delivery",
    "Dispute",
    "DriftBounds",
    "Exclusion",
    "Handle",
    "Import",
    "Inbox",
    "InboxDay",
    "ModelDraft",
    "ModelPreview",
    "ModelTerm",
    "ModelVersion",
    "Pause",
    "Preparedness",
    "PreviewOpened",
    "Run",
    "Score",
    "Sighting",
    "StaleScore",
    "Switch",
    "TeamFigure",
    "TeamFigurePerson",
    "WeekCount",
    "WeekKey",
]
