"""The log says which address failed, and not the secret in it.

An invitation, a calendar, a link from a mail: whoever has such an address needs nothing else.
"""

import logging
import re

# A part of a path that is long enough to be a secret, and is not the id of a row.
SECRET = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))[\w:-]{24,}")


class WithoutSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Django puts the request beside what it says about one.
        if hasattr(record, "request") and isinstance(record.args, tuple):
            record.args = tuple(
                SECRET.sub("…", part) if isinstance(part, str) else part for part in record.args
            )
        return True
