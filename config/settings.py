"""All settings, read from the environment; `.env.example` lists every variable.

A value that is missing or makes no sense stops the start with a sentence that names it.
"""

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError

from couples.zones import zones

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
# What the shell says comes first, then a hand-written .env, then what bin/serve made once.
env.read_env(str(BASE_DIR / ".env"), recurse=False)


def wrong(variable: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{variable} {why}")


def read(parse: Any, variable: str, default: object = None) -> Any:
    """The parsed variable; what a parser refuses becomes one sentence."""
    try:
        return parse(variable, default=default) if default is not None else parse(variable)
    except EnvError as error:
        if variable not in str(error):
            error = EnvError(f"{variable}: {error}")
        raise ImproperlyConfigured(
            f"{str(error).rstrip('.')}. See .env.example for what each variable means."
        ) from error


VAR_DIR = Path(read(env.str, "VAR_DIR", str(BASE_DIR / "var"))).resolve()
env.read_env(str(VAR_DIR / "secrets.env"), recurse=False)

# -- Secrets -------------------------------------------------------------------------------------

DEBUG: bool = read(env.bool, "DEBUG", False)
SECRET_KEY: str = read(
    env.str, "SECRET_KEY", "only for debugging, never a secret" if DEBUG else None
)
if not DEBUG and len(SECRET_KEY) < 32:
    raise wrong("SECRET_KEY", "must have at least 32 characters.")


def read_master_keys(variable: str) -> dict[str, bytes]:
    """`id:key, id:key …` with base64url keys of 32 bytes; the first encrypts, all decrypt."""
    keys: dict[str, bytes] = {}
    for item in read(env.str, variable).split(","):
        name, colon, encoded = item.strip().partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (binascii.Error, ValueError) as error:
            raise wrong(variable, f"has a key “{name}” that is not base64url.") from error
        if not name or not colon or len(key) != 32:
            raise wrong(
                variable, "must look like “k1:…”, with 32 bytes as base64url after the colon."
            )
        if name in keys:
            raise wrong(variable, f"names the key “{name}” twice.")
        keys[name] = key
    return keys


MASTER_KEYS = read_master_keys("MASTER_KEYS")

# -- Where it lives ------------------------------------------------------------------------------

BASE_URL: str = read(env.str, "BASE_URL", "http://127.0.0.1:8000").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname or _base.path:
    raise wrong("BASE_URL", "must be an address such as https://home.example, without a path.")
HTTPS = _base.scheme == "https"
ALLOWED_HOSTS: list[str] = read(
    env.list, "ALLOWED_HOSTS", [_base.hostname, "localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "couples.web.error_pages.grown_old"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# The prefix makes the browser itself refuse a cookie that was set without Secure or for a parent
# domain; it exists for https only.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_ENGINE = "couples.account.sessions"
# How long it is good for is the server's to know; see couples/models/session.py.
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
# What else lives under this domain, or will, is not for this program to say.
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = read(env.bool, "HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD: bool = read(env.bool, "HSTS_PRELOAD", False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise wrong("HSTS_PRELOAD", "is taken by browsers only with HSTS_INCLUDE_SUBDOMAINS=true.")
# Addresses here are secrets (an invitation is one); no other site learns them from a link.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Who is believed about where a request comes from, and whether by https: nobody unless asked for,
# and then the proxy alone. It is config/asgi.py that asks, so Django need not be told of headers.
TRUSTED_PROXIES: list[str] = (
    read(env.list, "TRUSTED_PROXIES", ["127.0.0.1", "::1"])
    if read(env.bool, "BEHIND_PROXY", False)
    else []
)
if "*" in TRUSTED_PROXIES:
    raise wrong("TRUSTED_PROXIES", "must name addresses or networks; with * anybody is believed.")

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# -- Databases -----------------------------------------------------------------------------------


def read_database(variable: str, default: str | None) -> dict[str, Any]:
    config: dict[str, Any] = read(env.dj_db_url, variable, default)
    # What stands behind the question mark: sslmode, and whatever else the driver knows.
    asked = config.get("OPTIONS", {})
    match config["ENGINE"].rpartition(".")[2]:
        case "sqlite3":
            ours: dict[str, Any] = {
                "timeout": 5,
                # Taking the write lock at BEGIN is what makes two people saving at once wait
                # for each other instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                # FULL: what a page called "Saved" survives a power cut, too.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA secure_delete=ON;",
            }
            # Each thread keeps its connection: opening one costs more than most pages do.
            config["CONN_MAX_AGE"] = None
        case "postgresql":
            # A burst opens as many as there are threads; a server shared with others has them
            # back soon: one that was not needed for ten seconds is closed.
            ours = {
                "pool": {"min_size": 1, "max_size": 16, "max_idle": 10},
                # Most of what it takes to answer a page is planning: what a connection asks for
                # the third time is planned once, and asked by its name from then on.
                "server_side_binding": True,
                "prepare_threshold": 2,
            }
        case engine:
            raise wrong(variable, f"must be a sqlite or postgres address, not {engine}.")
    if taken := sorted(asked.keys() & ours):
        raise wrong(variable, f"must not set {', '.join(taken)}: this program does that itself.")
    config["OPTIONS"] = asked | ours
    return config


DATABASES = {"default": read_database("DATABASE_URL", f"sqlite:///{VAR_DIR}/dear.sqlite3")}
_is_sqlite = DATABASES["default"]["ENGINE"].endswith("sqlite3")
# Data keys live apart from what they open, so that a destroyed key is gone from the backups of the
# writing as well. With SQLite a second file serves; elsewhere the operator names a place.
DATABASES["keys"] = read_database(
    "KEYS_DATABASE_URL",
    f"sqlite:///{Path(DATABASES['default']['NAME']).with_suffix('.keys.sqlite3')}"
    if _is_sqlite
    else None,
)
if DATABASES["keys"]["NAME"] == DATABASES["default"]["NAME"]:
    raise wrong("KEYS_DATABASE_URL", "must not be the database that DATABASE_URL names.")
DATABASE_ROUTERS = ["couples.crypto.keyring.KeyStoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- The application -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "couples",
    "principles",
    "letters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "couples.web.headers.headers_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "couples.web.middleware.ReadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "couples.web.middleware.no_store_middleware",
    "couples.web.middleware.session_use_middleware",
    "couples.web.middleware.zone_middleware",
    "couples.web.not_taken.not_taken_middleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Kept in memory once read, but for a developer who changes them.
LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS if DEBUG else [("django.template.loaders.cached.Loader", LOADERS)],
            # So that every form says whose page it stands on, those of other packages included.
            "builtins": ["couples.templatetags.whose"],
            # In place of Django's.
            "libraries": {"i18n": "couples.templatetags.translated"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "couples.web.context_processors.surroundings",
                "couples.account.demo.demo",
            ],
        },
    },
]

# What the apps put on the home page: see couples/pages/dashboard.py.
HOME = {
    "today": ["principles.daily.dashboard.today"],
    "waiting": [
        "couples.pages.dashboard.waiting",
        "principles.daily.dashboard.waiting",
        "principles.reviews.dashboard.waiting",
        "principles.practices.dashboard.waiting",
        "letters.pages.dashboard.waiting",
    ],
    "here": [
        "couples.kept.dashboard.here",
        "letters.pages.dashboard.here",
        "principles.daily.dashboard.here",
        "principles.practices.dashboard.here",
    ],
    "aside": ["principles.practices.dashboard.aside", "principles.reviews.dashboard.aside"],
}
# What other apps put beside a principle on its page: see principles/pages/principle.py.
PRINCIPLE = ["letters.values.page.beside"]

# What other apps end when somebody leaves: see couples/models/workspace.py.
LEAVING = ["principles.practices.models.call.end_with", "letters.pages.parting.end_with"]

# What other apps delete with an account, given the person, their seats, and the homes that go with
# them: see couples/account/deletion.py.
DELETING = ["principles.pages.deletion.delete", "letters.pages.deletion.delete"]

# What two people keep once one of them has left, the same for both; and what of it each could read
# alone, or is not to be told whether alone: see couples/kept/book.py.
KEPT = [
    "letters.pages.kept.of_both",
    "principles.agreements.kept.of_both",
    "principles.pledges.kept.of_both",
    "principles.practices.kept.of_both",
    "principles.reviews.kept.of_both",
    "principles.daily.kept.of_both",
]
KEPT_ALONE = [
    "letters.pages.kept.of_one",
    "principles.practices.kept.calls",
    "principles.practices.kept.of_one",
    "principles.reviews.kept.of_one",
]

# In the session, which the browser never sees; a cookie of its own would lie there in plain words.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE: str = read(env.str, "TIME_ZONE", "UTC")
if TIME_ZONE not in zones():
    raise wrong("TIME_ZONE", "must be the name of a time zone, such as Europe/Lisbon.")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# What was built from static/css and static/js is served, these themselves are not.
STATICFILES_DIRS = [(name, BASE_DIR / "static" / name) for name in ("dist", "img")]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- People signing in ---------------------------------------------------------------------------

AUTH_USER_MODEL = "couples.User"
AUTHENTICATION_BACKENDS = ["couples.account.demo.AuthenticationBackend"]
# bin/serve --demo sets it: Ana and Ben, whose password is published, can sign in.
DEMO: bool = read(env.bool, "DEMO", False)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "couples:home"
ACCOUNT_ADAPTER = "couples.account.forms.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "couples.account.forms.LoginForm",
    "signup": "couples.account.forms.SignupForm",
    "add_email": "couples.account.forms.AddEmailForm",
    "request_login_code": "couples.account.forms.RequestLoginCodeForm",
    "reset_password": "couples.account.forms.ResetPasswordForm",
    "change_password": "couples.account.forms.ChangePasswordForm",
    "set_password": "couples.account.forms.SetPasswordForm",
    "reset_password_from_key": "couples.account.forms.ResetPasswordKeyForm",
    "confirm_login_code": "couples.account.forms.ConfirmLoginCodeForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 180  # seconds
ACCOUNT_LOGOUT_REDIRECT_URL = "couples:front"
# Asked on the page: see couples/models/session.py.
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
# See AccountAdapter.send_notification_mail.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme

# -- How often -----------------------------------------------------------------------------------

# Counted by all processes together; see couples/web/limits.py.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "couples_limit",
        "KEY_FUNCTION": "couples.web.limits.hashed_key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# Per address of a machine (ip), per person (user), and per what a mail or a password is for (key).
# What anybody can use up for somebody else is counted per ip, or is more than strangers get to.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "5/5m/ip,20/h/ip",
    "reset_password": "5/5m/ip,20/h/ip",
    "login_failed": "10/m/ip,5/5m/key",  # the key is an address and where it is tried from
    "login_failed_everywhere": "100/h/key",
    "mail": "20/h/key",
    "invite_mail": "5/h/user,2/d/key",
}

# -- Mail ----------------------------------------------------------------------------------------

MAIL_DIR = VAR_DIR / "mail"


def read_mailer(variable: str) -> dict[str, Any]:
    """How the worker sends; without the variable, mail becomes files for the household to open."""
    if not read(env.str, variable, ""):
        return {
            "BACKEND": "couples.mail.backends.Files",
            "OPTIONS": {"file_path": str(MAIL_DIR)},
        }
    url: dict[str, Any] = read(env.dj_email_url, variable)
    if "smtp" not in url.get("EMAIL_BACKEND", ""):
        raise wrong(variable, "must begin with smtp:// or submission://.")
    return {
        "BACKEND": url["EMAIL_BACKEND"],
        "OPTIONS": {
            "host": url["EMAIL_HOST"],
            "port": url["EMAIL_PORT"],
            "username": url["EMAIL_HOST_USER"],
            "password": url["EMAIL_HOST_PASSWORD"],
            "use_tls": url["EMAIL_USE_TLS"],
            "use_ssl": url["EMAIL_USE_SSL"],
            "timeout": url["EMAIL_TIMEOUT"] or 10,
        },
    }


# Pages write rows into the outbox; the worker sends them. See couples/mail/.
MAILERS = {
    "default": {"BACKEND": "couples.mail.backends.Outbox"},
    "delivery": read_mailer("EMAIL_URL"),
}
MAIL_GOES_TO_FILES = MAILERS["delivery"]["BACKEND"].endswith(".Files")


def verification(*, goes_to_files: bool) -> str:
    """A household without a mail server must be able to begin; an address can be confirmed any
    time. Elsewhere it is confirmed first, so that signing up does not tell who has an account."""
    return "optional" if goes_to_files else "mandatory"


ACCOUNT_EMAIL_VERIFICATION = verification(goes_to_files=MAIL_GOES_TO_FILES)
DEFAULT_FROM_EMAIL: str = read(
    env.str, "DEFAULT_FROM_EMAIL", f"Dear Relationship <letters@{_base.hostname}>"
)

LOG_LEVEL: str = read(env.str, "LOG_LEVEL", "INFO")
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise wrong("LOG_LEVEL", "must be DEBUG, INFO, WARNING or ERROR.")

LOG_FORMAT: str = read(env.str, "LOG_FORMAT", "lines")
if LOG_FORMAT not in {"lines", "json"}:
    raise wrong("LOG_FORMAT", "must be lines or json.")

# Logs say what broke, never what was written: no request bodies, no local variables, no words of
# exceptions that quote. See couples/web/logs.py.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "couples.web.logs.Lines",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "couples.web.logs.Json"},
    },
    "filters": {"without secrets": {"()": "couples.web.log_filters.WithoutSecrets"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["without secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # What has handlers of its own says it in our lines as well.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "uvicorn": {"handlers": [], "propagate": True, "level": "WARNING"},
        # Addresses are secrets, also where uvicorn is not told so.
        "uvicorn.access": {"handlers": [], "propagate": DEBUG, "level": "INFO"},
    },
}
# HSTS for subdomains, and its list, are asked for by whoever has the domain. There are two i18n on
# purpose: see couples/templatetags/translated.py.
SILENCED_SYSTEM_CHECKS = ["mail.W001", "security.W005", "security.W021", "templates.W003"]
