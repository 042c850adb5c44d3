"""What a person can start starts: each command of bin/. What bin/serve does is in test_serve.py."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import _bootstrap as house
import pytest

COMMANDS = {path.name for path in (house.ROOT / "bin").iterdir() if path.name[0] != "_"}


def start(*words: str, root: Path = house.ROOT) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    command = [str(root / "bin" / words[0]), *words[1:]]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_says_what_it_does_before_anything_is_installed(command: str, tmp_path: Path) -> None:
    root = tmp_path / "our own house"
    shutil.copytree(house.ROOT / "bin", root / "bin")
    done = start(command, "--help", root=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: bin/{command}")
    assert [path.name for path in root.iterdir()] == ["bin"]


def test_build_builds_once(tmp_path: Path) -> None:
    for name in (".python-version", "uv.lock", "package.json", "package-lock.json"):
        shutil.copy(house.ROOT / name, tmp_path)
    for name in ("bin", "static/css", "static/js", "letters/editor"):
        shutil.copytree(house.ROOT / name, tmp_path / name)
    for name in (".venv", "node_modules"):
        (tmp_path / name).symlink_to(house.ROOT / name)
    assert start("build", root=tmp_path).stdout == "Building the front end …\n"
    assert {"app.css", "app.js", "editor.js", "exit.js", "values.js"} <= set(
        os.listdir(tmp_path / "static" / "dist")
    )
    assert start("build", root=tmp_path).stdout == ""
    (tmp_path / "static" / "css" / "base.css").write_text("body { margin: 0 }")
    assert start("build", root=tmp_path).stdout == "Building the front end …\n"


def test_test_runs_the_tests_it_is_given() -> None:
    done = start("test", "tests/couples/test_difference.py", "--numprocesses=0", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The tests on SQLite" in done.stdout
    assert " passed" in done.stdout


@pytest.mark.slow
def test_screens_takes_a_picture_at_two_widths_in_two_themes() -> None:
    done = start("screens", "front")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len([*(house.ROOT / "var" / "screens").rglob("*front*.png")]) == 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("check", "--nonsense"), "there is only --fix"),
        (("bench", "--quick", "--write"), "too rough to be written down"),
        (("screens", "--nonsense"), "--nonsense"),
    ],
)
def test_what_is_no_option_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = start(*words)
    assert done.returncode
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_step_that_fails_is_named_after_what_it_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(house.Problem, match="see above: sh -c echo no route >&2; exit 3"):
        house.run("sh", "-c", "echo no route >&2; exit 3")
    assert capfd.readouterr().err == "no route\n"


def test_what_only_root_may_install_is_a_command_to_copy() -> None:
    code = (
        "import os, _bootstrap as house; os.geteuid() or os.setuid(65534);"
        "house.bring_system_package('python3-venv')"
    )
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=house.ROOT / "bin",
        capture_output=True,
        text=True,
    )
    assert "as root: apt-get update -qq && apt-get install" in done.stderr


def test_where_there_is_no_apt_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(house.Problem, match="this machine lacks python3-venv"):
        house.bring_system_package("python3-venv")


def test_a_python_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    shutil.copytree(house.ROOT / "bin", tmp_path / "bin")
    for name in (".python-version", "pyproject.toml", "uv.lock"):
        shutil.copy(house.ROOT / name, tmp_path)
    found = shutil.which(house.uv(), path=house.environment()["PATH"])
    assert found
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "uv").symlink_to(found)
    code = (
        "import sys; sys.version, sys.version_info = '3.12.1', (3, 12, 1);"
        "import _bootstrap as house; house.sync()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PATH": str(tmp_path / "path"),
            "HOME": str(tmp_path),
            "UV_PYTHON_INSTALL_MIRROR": (tmp_path / "nothing").as_uri(),
        },
        cwd=tmp_path / "bin",
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert "if Python 3.13 could not be downloaded, install it" in done.stderr


def test_who_has_what_development_needs_is_not_brought_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    lock, stamp = tmp_path / "uv.lock", tmp_path / ".packages"

    def there(extra: str) -> bool:
        with house.made(stamp, lock, extra=extra) as there:
            return there

    lock.write_text("1")
    assert [there(""), there(" more"), there(" more"), there("")] == [False, False, True, True]
    before = lock.read_text()
    lock.write_text("2")
    assert not there("")
    lock.write_text(before)
    assert not there(" more"), "the packages of the other lock are there"
