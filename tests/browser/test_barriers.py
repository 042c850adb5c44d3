"""What looks for barriers finds them."""

import pytest

from tests.browser.barriers import barriers, no_barriers
from tests.browser.conftest import OpenBrowser

pytestmark = pytest.mark.one_database


def test_a_barrier_is_found_on_the_page_and_in_a_part_of_it(open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto("/about/")
    assert barriers(page) == []
    page.evaluate("document.querySelector('main').append(new Image(9000, 1))")
    alt, wide = barriers(page)
    assert alt.startswith("image-alt: <img")
    assert wide.endswith("pixels wide")
    assert barriers(page, only=("color-contrast",)) == [wide]
    assert barriers(page, within="footer") == [wide]
    # Who runs on one database looks there.
    with pytest.raises(AssertionError, match="pixels wide"):
        no_barriers(page)
