"""Django's ways out: for pages into the outbox, and from there into files where no server is set.

The third, over SMTP, is Django's own.
"""

import email.policy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from couples.mail.outbox import Kind, OutgoingMail

# As long as a line of a mail may be. Shorter ones would be broken in the middle of a link.
WHOLE_LINES = email.policy.default.clone(max_line_length=998)


class Outbox(BaseEmailBackend):
    """Whatever is sent by Django's means, by anybody, is a row first."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.attachments or getattr(message, "alternatives", None):
                raise ValueError("Our mails are plain text, and nothing else is kept.")
            for to in message.recipients():
                OutgoingMail.put(Kind.ACCOUNT, to, str(message.subject), str(message.body))
        return len(email_messages)


class Files(BaseEmailBackend):
    """A file for each mail, for a household without a mail server. It is there whole or not at
    all, and once, however often the mail was tried."""

    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(file_path)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for each in email_messages:
            message = each.message(policy=WHOLE_LINES)
            name = message["Message-ID"].strip("<>").partition("@")[0]
            place = self.folder / f"{message['Date'].datetime:%Y%m%d-%H%M%S}-{name}.eml"
            draft = place.with_suffix(".new")
            draft.write_bytes(message.as_bytes())
            draft.replace(place)
        return len(email_messages)
