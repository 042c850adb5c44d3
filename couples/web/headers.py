"""What browsers are told beside the Content-Security-Policy: whose pages these are, and what they
never ask for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here asks for any of them, so nothing that got into a page could either.
UNUSED = (
    *("accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi"),
    *("payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    # No other site shows, measures or reads anything of ours: no page, no script, no picture.
    "Cross-Origin-Resource-Policy": "same-origin",
}


def headers_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response

    return middleware
