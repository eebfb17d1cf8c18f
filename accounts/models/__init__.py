from accounts.models.invitation import Invitation
from accounts.models.job import Job
from accounts.models.person import Person, RoleHeld
from accounts.models.team import Team, TeamMember

__all__ = ["Invitation", "Job", "Person", "RoleHeld", "Team", "TeamMember"]
