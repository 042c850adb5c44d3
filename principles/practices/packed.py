"""What is written for a practice, in one text: some practices ask for one thing, some for three.

They are encrypted together, so that not even which of them were answered shows in the database.
"""

import json
from collections.abc import Mapping


def pack(parts: Mapping[str, str]) -> str:
    filled = {name: text for name, text in parts.items() if text}
    return json.dumps(filled, ensure_ascii=False) if filled else ""


def unpack(text: str) -> dict[str, str]:
    if not text:
        return {}
    parts: dict[str, str] = json.loads(text)
    return parts


def is_filled(parts: Mapping[str, str]) -> bool:
    return any(text.strip() for text in parts.values())
