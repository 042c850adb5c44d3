"""How Chromium is started: headless as root, and talking to nobody but the test server."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--font-render-hinting=none",  # as wide as on a telephone
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
