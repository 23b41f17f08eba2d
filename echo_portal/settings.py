"""All settings, read from the environment; a missing one stops the start and says how to set it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from core.pdf.signing_key import SigningKey, SigningKeyError
from echo_portal.beat import schedule
from echo_portal.environment import env

django_stubs_ext.monkeypatch()

# Workbooks come from outside. openpyxl prefers lxml where another library brought it along, and lxml lets entities
# pass that defusedxml refuses (tests/sessions_app/test_roster_workbooks.py). Read at its import, so set before it.
os.environ["OPENPYXL_LXML"] = "False"

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env("ECHO_ENV", "production")
if ENVIRONMENT not in {"production", "development", "test"}:
    raise ImproperlyConfigured("ECHO_ENV must be production, development or test.")
IS_PRODUCTION = ENVIRONMENT == "production"

DEBUG = False
SECRET_KEY = env(
    "SECRET_KEY", how="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
)
# Keys of before, separated by commas: what was signed or encrypted with them is still read.
SECRET_KEY_FALLBACKS = [key.strip() for key in env("SECRET_KEY_FALLBACKS", "").split(",") if key.strip()]
PORTAL_URL = env(
    "PORTAL_URL",
    None if IS_PRODUCTION else "http://localhost:8000",
    how="It is the address people type, for example https://portal.example.ca.",
).rstrip("/")
ALLOWED_HOSTS = [
    host.strip()
    for host in env(
        "ALLOWED_HOSTS",
        None if IS_PRODUCTION else "localhost,127.0.0.1,[::1],testserver",
        how="A comma-separated list of host names this portal answers to.",
    ).split(",")
]
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# What finds names in words that are listed or exported (docs/decisions/survey-answers.md): surveys don't know cases.
TEXT_SCREEN = "cases.deidentification.screen"
TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXY_COUNT", "0"))

INSTALLED_APPS = [
    # Before django.contrib.admin, so that our admin/base_site.html is found first.
    "core",
    # django.contrib.admin, with the coordinator's desk as its first page.
    "desk.admin_apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "outbox",
    "participants",
    "sessions_app",
    "surveys",
    "cases",
    "credits",
    "desk",
    "echo_portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "participants.level_timing.LevelTimingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "participants.middleware.LastSeenMiddleware",
    "participants.middleware.SecondFactorMiddleware",
    "participants.viewing.ViewAsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.PrivatePagesMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "core.forms.InvalidFormStatusMiddleware",
]

ROOT_URLCONF = "echo_portal.urls"
WSGI_APPLICATION = "echo_portal.wsgi.application"
FORM_RENDERER = "core.forms.PortalFormRenderer"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["core.templatetags.portal"],
        },
    }
]

# A persistent connection makes a request ten times cheaper than opening one.
DATABASES = {
    "default": dj_database_url.parse(
        env(
            "DATABASE_URL",
            how="For example postgres://user:password@host:5432/echo. "
            "On a machine without PostgreSQL, ./script/server brings its own.",
        ),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# Counts of log-in attempts, for all web processes; in the database, since a broker that is away must keep nobody out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # Beyond that the table is culled: so many that nobody can flush their own count out of it.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env(
    "REDIS_URL",
    how="For example redis://host:6379/0. On a machine without Redis, ./script/server brings its own.",
)

# --- accounts ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "participants.User"
# allauth's is Django's own with log-in by address; a second backend would hash every wrong password twice.
# allauth's, with the limit to programs read beside the account.
AUTHENTICATION_BACKENDS = ["sessions_app.backend.PortalBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "credits:home"
ACCOUNT_ADAPTER = "participants.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "participants.entrance_forms.LoginForm",
    "request_login_code": "participants.entrance_forms.RequestLoginCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_REDIRECT_URL = "credits:home"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PRODUCTION else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
# The second factor: one-time codes of an app, or a passkey; whoever works in the administration must have one.
MFA_ADAPTER = "participants.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "participants.second_factor_forms.CodeForm",
    "reauthenticate": "participants.second_factor_forms.ConfirmByCodeForm",
    "activate_totp": "participants.second_factor_forms.ActivateAppForm",
    "add_webauthn": "participants.second_factor_forms.AddPasskeyForm",
    "edit_webauthn": "participants.second_factor_forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "ECHO Portal"
# A code of half a minute ago still works: telephones' clocks differ, and people type slowly. Each works once.
MFA_TOTP_TOLERANCE = 1
# A browser on this machine may use http; production is reached by https only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
USERSESSIONS_TRACK_ACTIVITY = True
# Certificates are signed where a key is named (core/pdf/signing_key.py); one that cannot be used stops the start.
CERTIFICATE_SIGNING_KEY: SigningKey | None = None
if signing_key_file := env("CERTIFICATE_SIGNING_KEY_FILE", ""):
    CERTIFICATE_SIGNING_KEY = SigningKey(Path(signing_key_file), env("CERTIFICATE_SIGNING_KEY_PASSWORD", ""))
    try:
        CERTIFICATE_SIGNING_KEY.load()
    except SigningKeyError as error:
        raise ImproperlyConfigured(f"CERTIFICATE_SIGNING_KEY_FILE: {error}") from error
# Single sign-on with one provider that speaks OpenID Connect (participants/single_sign_on.py); off without an issuer.
OIDC_ISSUER = env("OIDC_ISSUER", "").rstrip("/")
if OIDC_ISSUER and not OIDC_ISSUER.startswith("https://") and IS_PRODUCTION:
    raise ImproperlyConfigured("OIDC_ISSUER must begin with https://.")
SOCIALACCOUNT_ADAPTER = "participants.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if OIDC_ISSUER:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "sso",
            "name": env("OIDC_NAME", "", how="What people call the provider, for example Hospital account.")
            or urlsplit(OIDC_ISSUER).hostname,
            "client_id": env(
                "OIDC_CLIENT_ID", how="The provider issues it when the portal is registered there."
            ),
            "secret": env("OIDC_CLIENT_SECRET", how="The provider issues it together with OIDC_CLIENT_ID."),
            # The provider's word for an address is enough to get into the account that has it.
            "settings": {"server_url": OIDC_ISSUER, "email_authentication": True},
        }
    )
# Answers that depend on whether an address has an account take the same time (participants/level_timing.py).
LEVEL_ANSWERS = True
if ENVIRONMENT == "test":
    # Every log-in of the browser tests would wait; benchmarks/level_timing.py and a test turn it on again.
    LEVEL_ANSWERS = False
    # Browser tests log in many times from one address; a test of the limits turns them on again.
    ACCOUNT_RATE_LIMITS: dict[str, str] | bool = False
# A web worker loads what the identifier screen reads with when it begins (echo_portal/web_server.py).
WARM_UP_SCREEN = True

# --- language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
TIME_ZONE = "America/Toronto"
FORMAT_MODULE_PATH = "core.formats"
USE_TZ = True

# --- static files -----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATIC_STORAGE = {
    "production": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    # Compressing a thousand files is a third of a cold start, for a browser on the same machine.
    "development": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    "test": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE[ENVIRONMENT]},
}
# The browser's tests serve straight from the source folders, so nothing has to be collected first.
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
# Looked up when asked for: each test's own client would have all of them read before its first page.
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"

# --- safety -----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
if OIDC_ISSUER:
    # Browsers hold a form's redirect to this as well; the log-in at the provider begins with a form.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
        "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))
    )
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_PRODUCTION
# The health check is asked from inside the container, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "csrf"
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["core.uploads.BoundedUploads"]

# --- mail: queued in a table, delivered by workers (outbox) -----------------------------------------------------
# For a copy of the portal, restored from a backup say: nothing goes out of it, codes included.
HOLD_ALL_MAIL = env("HOLD_ALL_MAIL", "no") == "yes"
SMTP_HOST = env("SMTP_HOST", how="The mail server that delivers the portal's email.")
SMTP_PORT = int(env("SMTP_PORT", "587"))
SMTP_USER = env("SMTP_USER", "")
SMTP_PASSWORD = env("SMTP_PASSWORD", "")
SMTP_SECURITY = env("SMTP_SECURITY", "starttls")
if SMTP_SECURITY not in {"none", "starttls", "tls"}:
    raise ImproperlyConfigured("SMTP_SECURITY must be none, starttls or tls.")
SMTP_TIMEOUT_SECONDS = int(env("SMTP_TIMEOUT_SECONDS", "20"))
DEFAULT_FROM_EMAIL = env(
    "DEFAULT_FROM_EMAIL",
    None if IS_PRODUCTION else "ECHO Portal <portal@echo.example>",
    how="The address the portal's email comes from, for example ECHO Portal <portal@example.ca>.",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Nothing may send around the outbox: Django's own way of sending is one that refuses.
EMAIL_BACKEND = "outbox.backend.QueueingBackend"
MAIL_CATCHER_DIR = env("MAIL_CATCHER_DIR", "")

# --- workers ----------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Drawing the certificates of a cycle takes minutes. On a queue of its own it takes turns with everything else: a log-in
# code never waits for it. A worker serves both queues unless it is told otherwise.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("certificates")]
CELERY_TASK_ROUTES = {"credits.render_due": {"queue": "certificates"}}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request must not wait for a broker that is away: the row is the promise, the nudge only hurries it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 0}
CELERY_TASK_PUBLISH_RETRY = False
POLL_SECONDS = float(env("POLL_SECONDS", "5"))
CELERY_BEAT_SCHEDULE = schedule(poll_seconds=POLL_SECONDS)

# --- people's own records: what each app keeps about a person, the top floor first (core/personal.py) --------------
PERSONAL_RECORDS = [
    "credits.records.CreditRecords",
    "cases.records.CaseRecords",
    "surveys.records.SurveyRecords",
    "sessions_app.records.SessionRecords",
    "participants.records.AccountRecords",
    "outbox.records.MailRecords",
]

# --- audit trail ------------------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.log_format.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        # WeasyPrint and fontTools report every font they subset.
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        # Two polls every five seconds would drown what matters; a task that fails is still logged.
        **{f"celery.{part}": {"level": "WARNING"} for part in ("worker.strategy", "app.trace", "beat")},
    },
}
# The workers log as the web process does; Celery's own format would print a database error whole.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
