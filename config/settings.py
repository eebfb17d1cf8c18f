"""Settings, read from the environment. A missing name stops the start with its reason."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ── What must be given ──────────────────────────────────────────────────────────────────
_missing = [
    f"{name}: {why}"
    for name, why in {
        "SECRET_KEY": "a long random text; `python -c 'import secrets; print(secrets.token_urlsafe(50))'` makes one",
        "LEDGER_KEY": "another, which seals the ledgers’ signing keys; keep it outside the database’s backups",
        "DATABASE_URL": "postgresql://… of the app login, which owns nothing",
    }.items()
    if not env.str(name, default="")
]
if _missing:
    raise ImproperlyConfigured("Set these in the environment. " + "; ".join(_missing))

SECRET_KEY = env.str("SECRET_KEY")
# Keys of before: sessions and the links of old mail stay good.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
LEDGER_KEY = env.str("LEDGER_KEY")
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
TLS = env.bool("TLS", default=not (DEBUG or DEMO))
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")
DATA_DIR = Path(env.str("ASSENT_DATA_DIR", default=str(BASE_DIR / ".assent")))
PLATFORM_HOST = urlsplit(PUBLIC_URL).hostname
# Hosts are checked against the companies' table by the tenancy middleware.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[f".{PLATFORM_HOST}"])

# ── Apps: public holds companies and the queue, every company's schema all the rest ─────
SHARED_APPS = ["accounts.tenants", "django_tenants", "django_q"]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "accounts",
    "allauth",
    "allauth.account",
    "consent.audit",
    "consent",
    "scoring",
    "perks",
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *TENANT_APPS,
    "config",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.humanize",
    "django_htmx",
    "heroicons",
]
TENANT_MODEL = "tenants.Company"
TENANT_DOMAIN_MODEL = "tenants.Host"
PUBLIC_SCHEMA_NAME = "public"
PLATFORM_SCHEMA = "platform"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# ── Database ────────────────────────────────────────────────────────────────────────────
# ASSENT_AS=owner makes this process the one that migrates; web and worker never do.
RUNS_AS_OWNER = env.str("ASSENT_AS", default="app") == "owner"
_app_database = env.db_url("DATABASE_URL")
DATABASE_APP_ROLE = _app_database["USER"]
_database = env.db_url("DATABASE_OWNER_URL") if RUNS_AS_OWNER else _app_database
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "accounts.tenants.postgresql",
        "ENTER_TENANT_ROLES": not RUNS_AS_OWNER,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    },
}
# Receipts of looking are committed here, whatever becomes of the reader's transaction on the other connection.
DATABASES["receipts"] = {**DATABASES["default"]}
# Memory of a PostgreSQL backend grows by 0.9 MB with each schema it has visited.
TENANTS_PER_CONNECTION = 100
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One table in each company's schema: no cache entry can cross, and rate limits hold over all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # django-q2's own figures about its processes. It keeps them from public, where there is no table.
    "queue": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "django_tenants.cache.make_key",
    },
}

# ── Worker: a task is a kick, state lives in our tables ─────────────────────────────────
Q_CLUSTER = {
    "name": "assent",
    "orm": "default",
    "cache": "queue",
    "workers": env.int("WORKERS", default=2),
    "bulk": 1,
    "queue_limit": 2,
    "timeout": 3600,
    "retry": 7200,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 200,
    "save_limit": 250,
    "poll": 0.5,
    "guard_cycle": 1,
    "label": "Assent",
}

# ── Requests ────────────────────────────────────────────────────────────────────────────
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.HealthMiddleware",
    "accounts.tenants.middleware.CompanyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.PrivatePagesMiddleware",
]
ROOT_URLCONF = "config.urls"
PUBLIC_SCHEMA_URLCONF = "config.urls_platform"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.house",
            ],
            "builtins": [
                "config.templatetags.ui",
                "config.templatetags.charts",
                "heroicons.templatetags.heroicons",
                "django.contrib.humanize.templatetags.humanize",
                "django.templatetags.static",
                "django.templatetags.i18n",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ── Sign-in ─────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if TLS else "http"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# ── Cookies and headers ─────────────────────────────────────────────────────────────────
# `__Host-` ties a cookie to exactly one host: a company's session means nothing to another.
SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_SSL_REDIRECT = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# ── Files, mail, words ──────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = None if DEBUG or DEMO else BASE_DIR / "staticfiles"  # `collectstatic` fills it in production
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = DEBUG or DEMO
UPLOADS_DIR = DATA_DIR / "uploads"
EXPORTS_DIR = DATA_DIR / "exports"
# Searched after an erasure: nobody may be named in a log.
LOG_FOLDERS = env.list("LOG_FOLDERS", default=[str(DATA_DIR / "logs")])
# Who left, outside the database: in production on other storage, and backed up by itself.
ERASURE_JOURNAL = env.str("ERASURE_JOURNAL", default=str(DATA_DIR / "erasures.journal"))
BACKUPS_DIR = env.str("BACKUPS_DIR", default=str(DATA_DIR / "backups"))
# No backup is kept longer: part of the date by which somebody is erased everywhere.
BACKUPS_KEPT_FOR_DAYS = env.int("BACKUPS_KEPT_FOR_DAYS", default=30)
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=4 * 1024**3)

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}" if DEMO else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10  # seconds: a mail server that does not answer must not hold up a page
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Assent <assent@{PLATFORM_HOST}>")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django-q": {"level": "WARNING"}},  # it says each kick it takes
}

# ── What travels upwards (design §3): ordered lists, asked in this order ────────────────
# Modules that write what the models declare into each company's schema, as the owner: `apply` and `differing` of each.
TOLD_TO_COMPANIES = ["consent.domain.mapped_tables", "consent.domain.held_tables"]
WITHDRAWAL_COVERS = ["scoring.domain.covers.forget", "consent.domain.access_exports.withdraw_files"]
# What else two others decide: the matters of the apps above `consent`.
MATTERS = ["scoring.domain.model_change.ModelChange", "scoring.domain.live.GoLive"]
# What follows when a proposal of a kind takes effect, in the same transaction.
AFTER_EXECUTION = {"legal_hold": "consent.domain.holds.place", "close_company": "consent.domain.closing.begin"}
# The chapters of a person's own file, in the order of its README: called with the file in the making.
ACCESS_EXPORT_PARTS = [
    "scoring.domain.access.add_score",
    "consent.domain.access_parts.add_agreements",
    "consent.domain.access_parts.add_uses",
    "consent.domain.access_parts.add_ledger",
    "consent.domain.access_tables.add_tables",
]
# What a company needs that has just been made: called standing in it.
ON_PROVISIONED = ["consent.domain.fence.settle"]
# What web and worker look at in every company before they begin.
AT_START = ["consent.domain.fence.compare"]
# What the operator's page asks in each company: what is wrong and what to do; nothing when all is well.
ASKED_FOR_HEALTH = {"Journal of those who left": "consent.domain.fence.what_to_do"}
# The links by which people leave without signing in, for the mail that goes to them.
WAYS_OUT = "consent.domain.ways_out.ways_out"
# Every step of an erasure, in this order: whatever hangs on something else goes before it.
ERASERS = [
    "scoring.domain.erasing.erase_engagement",
    "consent.domain.erasers.erase_uses",
    "consent.domain.erasers.erase_choices",
    "consent.domain.erasers.erase_files",
    "consent.domain.erasers.erase_account",
]
# How many deadlines are missed in the company that one stands in, for the operator's page.
COUNT_MISSED_DEADLINES = "consent.domain.deadlines.missed_now"
# Roles ask whoever knows of approvals: is there anybody to ask yet, and would anybody be left?
IS_FOUNDED = "consent.domain.founding.is_founded"
REFUSE_TAKING_ROLE = "consent.domain.founding.refuse_taking"

# What a job of each kind calls, with the job.
JOBS = {
    "make_company": "accounts.tasks.make_company",
    "run_scores": "scoring.tasks.run_scores",
    "read_file": "scoring.tasks.read_file",
    "remove_source": "consent.tasks.remove_source",
    "preview_model": "scoring.tasks.preview_model",
    "verify_ledger": "consent.tasks.verify_ledger",
    "export_ledger": "consent.tasks.export_ledger",
    "close_company": "consent.tasks.close_company",
    "export_own_data": "consent.tasks.export_own_data",
    "erase_people": "consent.tasks.erase_people",
    "purge": "consent.tasks.purge",
    "replay_journal": "consent.tasks.replay_journal",
}
# What the worker calls once a minute in each open company and on the platform, with `at=`.
TICKS_EVERYWHERE = [
    "consent.tasks.watch_fence",
    "consent.tasks.kick_witnesses",
    "consent.tasks.verify_daily",
    "consent.tasks.remove_expired_exports",
    "consent.tasks.erase_who_waits",
    "consent.tasks.record_missed_deadlines",
    "consent.tasks.send_digest",
    "consent.tasks.purge_nightly",
]
# What it calls in companies alone: the platform scores and sends nothing.
TICKS = [
    "consent.tasks.remind_of_approvals",
    "scoring.tasks.close_weeks",
    "scoring.tasks.nightly",
    "scoring.tasks.discard_unmapped_files",
]
