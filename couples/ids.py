"""Primary keys: UUIDv7, made by the application.

A row's name is known before it is written, so its encrypted fields can be bound to it; and the
names sort by time, so indexes grow at one end.
"""

from uuid import UUID

import uuid_utils


def uuid7() -> UUID:
    return UUID(int=uuid_utils.uuid7().int)
