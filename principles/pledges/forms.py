from django import forms

from couples import autosave
from couples.forms import Count, Words, too_long
from principles.pledges import models as pledge


class PledgeForm(forms.Form):
    text = Words(required=False, validators=[too_long(pledge.LONGEST)])
    revision = Count(required=False)
    window = forms.CharField(required=False, max_length=autosave.LONGEST)
