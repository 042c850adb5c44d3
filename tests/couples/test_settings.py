"""What the environment says of the databases, and what is made of it."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import read_database

VARIABLES = ["DATABASE_URL", "KEYS_DATABASE_URL"]
POSTGRES = "postgresql://dear:secret@db.example/dear"


@pytest.mark.parametrize("variable", VARIABLES)
def test_what_an_address_asks_of_the_connection_is_done(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    asked = "?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=5"
    monkeypatch.setenv(variable, POSTGRES + asked)
    options = read_database(variable, None)["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["sslrootcert"] == "/etc/ca.pem"
    assert options["connect_timeout"] == 5
    assert options["pool"] == {"min_size": 1, "max_size": 16, "max_idle": 10}


@pytest.mark.parametrize("variable", VARIABLES)
def test_without_a_wish_the_connection_is_ours(
    monkeypatch: pytest.MonkeyPatch, variable: str, tmp_path: Path
) -> None:
    monkeypatch.setenv(variable, POSTGRES)
    ours = {"pool", "server_side_binding", "prepare_threshold"}
    assert set(read_database(variable, None)["OPTIONS"]) == ours
    monkeypatch.setenv(variable, f"sqlite:///{tmp_path}/dear.sqlite3")
    assert read_database(variable, None)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"{POSTGRES}?pool=false", "pool"),
        (f"{POSTGRES}?prepare_threshold=5", "prepare_threshold"),
        ("sqlite:////tmp/dear.sqlite3?timeout=60", "timeout"),
        ("sqlite:////tmp/dear.sqlite3?transaction_mode=DEFERRED", "transaction_mode"),
    ],
)
def test_what_is_not_for_an_address_to_say_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured, match=f"DATABASE_URL must not set {name}"):
        read_database("DATABASE_URL", None)
