from principles.models.agreement import Agreement, Words
from principles.models.area import Area, Proposal
from principles.models.call import Call
from principles.models.day import Day, SharedDay, Way
from principles.models.decision import Answer, Decision, Idea, IdeaMark, Round
from principles.models.draft import Draft, Kept
from principles.models.feed import CalendarFeed
from principles.models.missed import Missed
from principles.models.moment import Moment
from principles.models.offer import Drawn, Offer, Response
from principles.models.own import OwnPrinciple
from principles.models.pledge import Pledge, SharedPledge
from principles.models.reminder import Reminder, ReminderMail
from principles.models.repair import Mark, Repair, Side
from principles.models.rest import Rest
from principles.models.review import Appreciation, Review, ReviewDone, ReviewItem, ReviewMark
from principles.models.review_part import ReviewPart
from principles.models.wording import Signature, Wording

__all__ = [
    "Agreement",
    "Answer",
    "Appreciation",
    "Area",
    "CalendarFeed",
    "Call",
    "Day",
    "Decision",
    "Draft",
    "Drawn",
    "Idea",
    "IdeaMark",
    "Kept",
    "Mark",
    "Missed",
    "Moment",
    "Offer",
    "OwnPrinciple",
    "Pledge",
    "Proposal",
    "Reminder",
    "ReminderMail",
    "Repair",
    "Response",
    "Rest",
    "Review",
    "ReviewDone",
    "ReviewItem",
    "ReviewMark",
    "ReviewPart",
    "Round",
    "SharedDay",
    "SharedPledge",
    "Side",
    "Signature",
    "Way",
    "Wording",
    "Words",
]
