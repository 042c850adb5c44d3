"""What a browser has to load."""

import gzip
import re

import _bootstrap as house
import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Letter
from tests.people import Resident


@pytest.mark.django_db
def test_the_letter_page_brings_no_more_than_110_kb_of_javascript(
    ana: Resident, as_ana: Client
) -> None:
    house.build_front_end()
    letter = Letter.begin_joint(ana.partner)
    page = as_ana.get(reverse("letters:letter", args=[letter.pk])).content.decode()
    scripts = re.findall(r'<script[^>]*src="[^"]*/([^"/]+)"', page)
    assert {"exit.js", "app.js", "editor.js"} <= set(scripts)
    sizes = {name: len(gzip.compress((house.DIST / name).read_bytes())) for name in scripts}
    assert sum(sizes.values()) <= 110_000, sizes
