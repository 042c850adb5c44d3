from couples.crypto.keyring import DataKey
from couples.mail.outbox import OutgoingMail
from couples.models.couple import Couple
from couples.models.invitation import Acceptance, Invitation
from couples.models.limit import Limit
from couples.models.session import Session
from couples.models.submission import Submission
from couples.models.user import User
from couples.models.workspace import Partner, Workspace

__all__ = [
    "Acceptance",
    "Couple",
    "DataKey",
    "Invitation",
    "Limit",
    "OutgoingMail",
    "Partner",
    "Session",
    "Submission",
    "User",
    "Workspace",
]
