from couples.mail.outbox import OutgoingMail
from couples.models.home import Partner, Workspace
from couples.models.invitation import Invitation
from couples.models.submission import Submission
from couples.models.user import User
from couples.vault import DataKey

__all__ = ["DataKey", "Invitation", "OutgoingMail", "Partner", "Submission", "User", "Workspace"]
