from couples.autosave import AutosaveForm
from couples.forms import Words, too_long
from principles.pledges import models as pledge


class PledgeForm(AutosaveForm):
    text = Words(required=False, validators=[too_long(pledge.LONGEST)])

    @classmethod
    def of(cls, kept: pledge.Pledge) -> "PledgeForm":
        return cls.over(kept.revision, {"text": kept.text}, auto_id="pledge-%s")
