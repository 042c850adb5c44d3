from couples.autosave import AutosaveForm
from couples.forms import Count, Words, too_long
from principles.pledges import models as pledge


class PledgeForm(AutosaveForm):
    text = Words(required=False, validators=[too_long(pledge.LONGEST)])
    # Nonsense is as good as none: the words go beside what stands there.
    revision = Count(required=False)
