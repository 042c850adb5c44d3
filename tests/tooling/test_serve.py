"""bin/serve as a household runs it: what it says when it cannot, and what it keeps when it can."""

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import _bootstrap as house
import _serve
import pytest

from tests.worker import until


def named_settings() -> set[str]:
    return set(re.findall(r"^#([A-Z_]+)=", (house.ROOT / ".env.example").read_text(), re.M))


@pytest.fixture
def environment(tmp_path: Path, unused_tcp_port: int) -> dict[str, str]:
    """A shell in which nobody has set anything but the folder and the port."""
    return bare_shell(tmp_path / "var", unused_tcp_port)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house") / "var"


@pytest.fixture
def again(lived_in: Path, unused_tcp_port: int) -> dict[str, str]:
    """The same, in a folder where it may have been served before, so that it starts quickly."""
    return bare_shell(lived_in, unused_tcp_port)


def bare_shell(var: Path, port: int) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if name not in named_settings()}
    return bare | {
        "VAR_DIR": str(var),
        "PORT": str(port),
        # As by default; named, because a developer's .env may name others.
        "DATABASE_URL": f"sqlite:///{var}/dear.sqlite3",
        "KEYS_DATABASE_URL": f"sqlite:///{var}/dear.keys.sqlite3",
    }


def serve(
    *options: str, env: dict[str, str], root: Path = house.ROOT
) -> subprocess.CompletedProcess[str]:
    """Run bin/serve where it is expected to give up."""
    command = [str(root / "bin" / "serve"), *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def only_sentence(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("bin/serve: ")
    return lines[0]


@contextmanager
def serving(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """bin/serve, answering."""
    log = Path(env["VAR_DIR"]).parent / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(house.ROOT / "bin" / "serve")], env=env, stdout=out, stderr=out, text=True
        )
    try:
        deadline = time.monotonic() + 300  # for ever, on a machine that is busy
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            try:
                urlopen(f"http://127.0.0.1:{env['PORT']}/", timeout=10).close()
            except HTTPError:
                raise
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


# -- What cannot be ------------------------------------------------------------------------------


def test_unknown_option_is_one_sentence(environment: dict[str, str]) -> None:
    done = serve("--nonsense", env=environment)
    assert done.returncode == 2
    assert "--nonsense" in only_sentence(done)


def test_taken_port_is_one_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        done = serve(env=environment)
    assert done.returncode == 1
    assert f"port {environment['PORT']} cannot be used" in only_sentence(done)
    assert not Path(environment["VAR_DIR"]).exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "80.5"])
def test_impossible_port_is_one_sentence(environment: dict[str, str], port: str) -> None:
    done = serve(env=environment | {"PORT": port})
    assert done.returncode == 1
    assert f"“{port}”" in only_sentence(done)


def test_folder_that_cannot_be_made_is_one_sentence(environment: dict[str, str]) -> None:
    var = Path(environment["VAR_DIR"])
    var.write_text("a file is in the way")
    done = serve(env=environment)
    assert done.returncode == 1
    assert str(var) in only_sentence(done)


def test_wrong_setting_is_named_without_a_traceback(environment: dict[str, str]) -> None:
    done = serve(env=environment | {"BASE_URL": "ftp://home.example"})
    assert done.returncode == 1
    assert "BASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


# -- Secrets -------------------------------------------------------------------------------------


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    _serve.make_secrets(tmp_path, "")
    place = tmp_path / "secrets.env"
    made = dict(line.split("=", 1) for line in place.read_text().splitlines() if "#" not in line)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert len(made["SECRET_KEY"]) >= 50
    assert re.fullmatch(r"k1:[\w-]{43}=", made["MASTER_KEYS"])

    before = place.read_text()
    _serve.make_secrets(tmp_path, "")
    assert place.read_text() == before


def test_lost_secrets_are_not_replaced_while_there_is_writing(
    tmp_path: Path,
) -> None:
    (tmp_path / "dear.sqlite3").touch()
    with pytest.raises(house.Problem, match="put the file back from a backup"):
        _serve.make_secrets(tmp_path, "")
    assert not (tmp_path / "secrets.env").exists()


# -- Serving -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_serves_keeps_everything_and_is_quick_the_second_time(environment: dict[str, str]) -> None:
    var = Path(environment["VAR_DIR"])
    with serving(environment) as process:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    kept = {name: (var / name).read_bytes() for name in ("secrets.env", "static.stamp")}
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    for database in ("dear.sqlite3", "dear.keys.sqlite3"):
        assert stat.S_IMODE((var / database).stat().st_mode) == 0o600

    with serving(environment):
        pass
    log = (var.parent / "serve.log").read_text()
    assert "…" not in log, "something was brought, built or collected again"
    assert f"http://127.0.0.1:{environment['PORT']}" in log
    assert {name: (var / name).read_bytes() for name in kept} == kept


@pytest.mark.slow
def test_two_that_start_at_once_both_serve(
    environment: dict[str, str], unused_tcp_port_factory: Callable[[], int]
) -> None:
    other = environment | {"PORT": str(unused_tcp_port_factory())}
    with ThreadPoolExecutor() as threads, ExitStack() as both:
        starts = [threads.submit(both.enter_context, serving(env)) for env in (environment, other)]
        for start in starts:
            start.result()


@pytest.mark.slow
def test_static_files_are_collected_anew_after_debugging(again: dict[str, str]) -> None:
    with serving(again | {"DEBUG": "true"}):
        pass
    with serving(again):  # its pages ask for the names that collecting them gave them
        pass


def workers_of(pid: int) -> list[int]:
    """The ids of the workers that belong to a server."""

    def command(process: Path) -> bytes:
        try:
            return (process / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            return b""

    mine = f"--with-parent\0{pid}\0".encode()
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if mine in command(each)]


needs_linux = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="asks Linux")


@needs_linux
def test_the_worker_comes_and_goes_with_it(again: dict[str, str]) -> None:
    with serving(again) as process:
        until(lambda: len(workers_of(process.pid)) == 1)
        process.kill()  # without a chance to say goodbye
        process.wait()
        until(lambda: not workers_of(process.pid))


@pytest.mark.slow
@needs_linux
def test_a_worker_that_was_killed_comes_back_and_that_is_said(again: dict[str, str]) -> None:
    log = Path(again["VAR_DIR"]).parent / "serve.log"
    with serving(again) as process:
        until(lambda: workers_of(process.pid))
        for how in (signal.SIGKILL, signal.SIGTERM):
            [worker] = workers_of(process.pid)
            os.kill(worker, how)
            until(lambda: workers_of(process.pid) not in ([], [worker]))  # noqa: B023
            said = f"bin/serve: the worker, which sends the mails, has ended (signal {how:d})"
            assert said in log.read_text()


@needs_linux
def test_closing_it_does_not_bring_the_worker_back(again: dict[str, str]) -> None:
    with serving(again) as process:
        until(lambda: workers_of(process.pid))
        [worker] = workers_of(process.pid)
        assert os.getsid(worker) != os.getsid(process.pid)  # what Ctrl-C does not reach
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        until(lambda: not workers_of(process.pid))
    assert "started again" not in (Path(again["VAR_DIR"]).parent / "serve.log").read_text()


def test_a_code_that_somebody_waits_for_is_sent(again: dict[str, str]) -> None:
    with serving(again):
        place = f"127.0.0.1:{again['PORT']}"
        sign_up = {"name": "Ana", "email": "ana@home.example", "password1": "a walk after dinner"}
        form = urlencode(sign_up | {"csrfmiddlewaretoken": "a" * 32}).encode()
        headers = {"Cookie": f"csrf={'a' * 32}", "Origin": f"http://{place}"}
        urlopen(Request(f"http://{place}/account/signup/", form, headers), timeout=30).close()
        folder = Path(again["VAR_DIR"]) / "mail"
        until(lambda: [*folder.glob("*.eml")])
        [mail] = folder.iterdir()
        assert "Is this your address?" in mail.read_text()
        assert stat.S_IMODE(mail.stat().st_mode) == 0o600


def test_example_of_the_environment_names_every_setting() -> None:
    code = "".join(
        path.read_text()
        for path in [house.ROOT / "config/settings.py", *(house.ROOT / "bin").glob("_*.py")]
    )
    used = set(re.findall(r'(?:read\w*|env\.str)\([^)]*?"([A-Z][A-Z_]+)"', code))
    assert {"SECRET_KEY", "MASTER_KEYS", "DATABASE_URL", "PORT", "VAR_DIR"} <= used
    assert used <= named_settings()
