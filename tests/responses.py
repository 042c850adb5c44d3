"""What a browser gets, to be compared: nothing in it may depend on the other person's secret."""

import re

from django.test import Client

HTMX = {"HX-Request": "true"}


def without_tokens(page: str) -> str:
    """A page without what is new in every response: the masked CSRF token, the names of the
    tab and of a reply that may be written there, and the time of day in headers and cookies."""
    page = re.sub(r"\d\d:\d\d:\d\d GMT", "", page)
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w{64}', r"\1", page)
    page = re.sub(r'(name="once" value=")[\w-]{22}', r"\1", page)
    return re.sub(r'(name="(?:tab_id|id)" value=")[\w-]+', r"\1", page)


def everything(client: Client, *pages: str) -> dict[str, str]:
    """These pages and their partials, with the headers and cookies that come with them."""
    found = {}
    for page in pages:
        for headers in ({}, HTMX):
            response = client.get(page, headers=headers)
            whole = f"{response.status_code} {response.headers} {response.cookies} {response.text}"
            found[f"{page} {headers}"] = without_tokens(whole)
    return found
