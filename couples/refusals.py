"""What cannot be done as things stand now.

Two people act at the same moment, and one person on two devices. So a model's method may find that
things are not as its caller saw them, and raises a Refusal before anything has changed. A view that
has something to show in its place answers it; `couples.web.decorators` answers all others.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Not possible as things stand now; `title` and `sentence` say so to whoever asked."""

    title: str | Promise = _("This has changed")
    sentence: str | Promise = _("This has changed since you opened the page. Look again.")


class NotTogether(Refusal):
    """It takes the two who live here now, and they are not the two that it was meant for."""

    sentence = _("This takes the two of you.")


class Full(Refusal):
    """There is room for `most` of them, which is more than anybody needs."""

    title = _("There is no room for more")

    def __init__(self, sentence: str | Promise, most: int) -> None:
        super().__init__()
        self.sentence, self.most = str(sentence) % {"most": most}, most
