from principles.agreements.models.agreement import Agreement, Words
from principles.agreements.models.missed import Missed
from principles.agreements.models.own_principle import OwnPrinciple
from principles.agreements.models.suspension import Suspension
from principles.agreements.models.wording import Signature, Wording
from principles.daily.models.day import Day, SharedDay, Way
from principles.daily.models.reminder import Reminder, ReminderMail
from principles.pledges.models import Pledge, SharedPledge
from principles.practices.models.area import Area, Proposal
from principles.practices.models.call import Call
from principles.practices.models.decision import Answer, Decision, Idea, IdeaMark, Round
from principles.practices.models.draft import Draft, Kept
from principles.practices.models.moment import Moment
from principles.practices.models.offer import Drawn, Offer, Response
from principles.practices.models.repair import Mark, Repair, Side
from principles.practices.models.switch import CallSwitch, Sending
from principles.reviews.models.feed import CalendarFeed
from principles.reviews.models.part import ReviewPart
from principles.reviews.models.review import (
    Appreciation,
    Review,
    ReviewDone,
    ReviewItem,
    ReviewMark,
)

__all__ = [
    "Agreement",
    "Answer",
    "Appreciation",
    "Area",
    "CalendarFeed",
    "Call",
    "CallSwitch",
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
    "Review",
    "ReviewDone",
    "ReviewItem",
    "ReviewMark",
    "ReviewPart",
    "Round",
    "Sending",
    "SharedDay",
    "SharedPledge",
    "Side",
    "Signature",
    "Suspension",
    "Way",
    "Wording",
    "Words",
]
