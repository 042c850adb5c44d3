from principles.models.agreement import Agreement, Signature, Wording
from principles.models.pledge import Pledge, SharedPledge
from principles.models.review import Review, ReviewDone, ReviewItem, ReviewMark

__all__ = [
    "Agreement",
    "Pledge",
    "Review",
    "ReviewDone",
    "ReviewItem",
    "ReviewMark",
    "SharedPledge",
    "Signature",
    "Wording",
]
