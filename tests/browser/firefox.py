"""Firefox as it is packaged, and an input method in it: driven through Marionette, which it has
built in. Playwright brings a Firefox of its own and composes nothing there."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE = 30
# It talks to nobody but the test server.
PREFERENCES = {
    "marionette.port": 0,
    "app.update.auto": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
    "services.settings.server": "data:,",
}
# What a keyboard for Japanese does: the parent process composes, and the page hears of it.
COMPOSE = """
const [text, commit] = arguments;
const window = Services.wm.getMostRecentWindow("navigator:browser");
if (!window.composer) {
  window.composer = Cc["@mozilla.org/text-input-processor;1"]
    .createInstance(Ci.nsITextInputProcessor);
  if (!window.composer.beginInputTransactionForTests(window)) throw new Error("no transaction");
}
const { composer } = window;
if (commit) {
  composer.commitCompositionWith(text);
} else {
  composer.setPendingCompositionString(text);
  composer.appendClauseToPendingComposition(text.length, composer.ATTR_RAW_CLAUSE);
  composer.setCaretInPendingComposition(text.length);
  composer.flushPendingComposition();
}
"""


class Firefox:
    def __init__(self, folder: Path) -> None:
        assert PROGRAM
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self.log = (folder / "firefox.log").open("wb")
        self.process = subprocess.Popen(
            [
                *(PROGRAM, "--headless", "--no-remote", "--profile", str(folder)),
                *("--marionette", "--remote-allow-system-access", "about:blank"),
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
        )
        self.line = self._connect(folder / "MarionetteActivePort")
        self.sent = 0
        self.ask("WebDriver:NewSession", strictFileInteractability=False)

    def _connect(self, port: Path) -> socket.socket:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=60)
            except (OSError, ValueError):
                time.sleep(0.1)
            else:
                self.line = line
                self._hear()  # who it is
                return line
        raise RuntimeError("Firefox did not start.")

    def _hear(self) -> Any:
        length = b""
        while (byte := self.line.recv(1)) != b":":
            length += byte
        answer = b""
        while len(answer) < int(length):
            answer += self.line.recv(int(length) - len(answer))
        return json.loads(answer)

    def ask(self, command: str, **what: Any) -> Any:
        self.sent += 1
        message = json.dumps([0, self.sent, command, what]).encode()
        self.line.sendall(b"%d:%s" % (len(message), message))
        _kind, _number, error, result = self._hear()
        if error:
            raise RuntimeError(f"{command}: {error}")
        return result

    def run(self, script: str, *arguments: Any) -> Any:
        said = self.ask("WebDriver:ExecuteScript", script=script, args=list(arguments))
        return said["value"]

    def go(self, url: str) -> None:
        self.ask("WebDriver:Navigate", url=url)

    def take_cookies(self, cookies: list[Any]) -> None:
        for each in cookies:
            cookie = {"name": each["name"], "value": each["value"], "path": "/"}
            self.ask("WebDriver:AddCookie", cookie=cookie)

    def until(self, script: str, wanted: Any) -> None:
        """Wait until the page says so."""
        deadline = time.monotonic() + PATIENCE
        while (said := self.run(script)) != wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        assert said == wanted

    def compose(self, text: str, *, commit: bool = False) -> None:
        self.ask("Marionette:SetContext", value="chrome")
        self.run(COMPOSE, text, commit)
        self.ask("Marionette:SetContext", value="content")

    def close(self) -> None:
        self.line.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()
