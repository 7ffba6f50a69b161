"""One settings file; what differs between installations comes from the environment (env.py)."""

import tomllib
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import structlog

from pathbound_mcp import env as environment
from pathbound_mcp.log_redaction import without_tokens

ENV = environment.load()
ROOT = environment.ROOT
VERSION = str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])

DEBUG = ENV.DEBUG
DEMO = ENV.DEMO
VAR_DIR = ENV.VAR_DIR.absolute()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
SECRET_KEY = ENV.secret_key()
FIELD_KEYS = ENV.field_keys()
PUBLIC_BASE_URL = ENV.base_url
IS_LOOPBACK = ENV.is_loopback
IS_HTTPS = PUBLIC_BASE_URL.startswith("https://")
TRUSTED_PROXY_HOPS = ENV.TRUSTED_PROXY_HOPS

ALLOWED_HOSTS = (
    list(environment.LOOPBACK_HOSTS) if IS_LOOPBACK else [urlsplit(PUBLIC_BASE_URL).hostname or ""]
)
if IS_HTTPS and TRUSTED_PROXY_HOPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "core",
    "accounts",
    "jobs",
    "crm",
    "identities",
    "approvals",
    "agents",
    "oauth",
    "tools",
    "api",
    "pathbound_mcp",
    "oauth2_provider",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_structlog",
    "django_ratelimit",
    "ninja",
    # Not in the production image; works with DEMO only.
    *(["demo"] if find_spec("demo") else []),
]

MIDDLEWARE = [
    "pathbound_mcp.middleware.LoopbackOnlyMiddleware",
    "pathbound_mcp.middleware.MeasuringMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pathbound_mcp.middleware.NothingKeptMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pathbound_mcp.middleware.ErrorPageMiddleware",
]

ROOT_URLCONF = "pathbound_mcp.urls"
ASGI_APPLICATION = "pathbound_mcp.asgi.application"
WSGI_APPLICATION = "pathbound_mcp.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pathbound_mcp.context_processors.page",
            ]
        },
    }
]

# --- database -----------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    config: dict[str, Any] = {**dj_database_url.parse(ENV.database_url)}
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        # A pool, because persistent connections under ASGI open one a request and run out.
        config["OPTIONS"] = {
            **config.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": ENV.DATABASE_POOL_SIZE, "timeout": 10},
            "options": "-c statement_timeout=5s -c lock_timeout=2s",
        }
    return {"ATOMIC_REQUESTS": False, **config}


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/approvals/"
LOGOUT_REDIRECT_URL = "/login/"
FRESH_LOGIN_SECONDS = 600
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
SESSION_COOKIE_AGE = 14 * 86400
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "pathbound_mcp.error_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

# --- the browser --------------------------------------------------------------------------------

SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns about a missing folder
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- limits -------------------------------------------------------------------------------------

REDIS_URL = ENV.REDIS_URL
MCP_RATE_LIMIT = ENV.MCP_RATE_LIMIT
REST_RATE_LIMIT = ENV.REST_RATE_LIMIT
MAX_BODY_BYTES = 1_048_576
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
CACHES = {
    "default": (
        {"BACKEND": "pathbound_mcp.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
RATELIMIT_IP_META_KEY = "pathbound_mcp.client_address.client_ip"
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.E003",  # without Redis one web process counts for itself
    "django_ratelimit.W001",  # Django's own Redis cache counts atomically
    "oauth2_provider.W008",  # RFC 8252 7.3: native apps come back to http://127.0.0.1
]

# --- approvals ----------------------------------------------------------------------------------

UNDO_WINDOW_SECONDS = ENV.UNDO_WINDOW_SECONDS
UNDO_WINDOW_CHAT_SECONDS = ENV.UNDO_WINDOW_CHAT_SECONDS
DEMO_MCP_URL = ENV.DEMO_MCP_URL if DEMO else ""
OUTBOUND_PRIVATE_HOSTS = [
    *environment.words(ENV.OUTBOUND_PRIVATE_HOSTS),
    *([urlsplit(DEMO_MCP_URL).netloc] if DEMO_MCP_URL else []),
]
DEMO_SMTP_PORT = ENV.DEMO_SMTP_PORT if DEMO else 0
# A demo sends nothing off its machine, regardless of the environment.
SMTP_RELAY_URL = f"smtp://127.0.0.1:{DEMO_SMTP_PORT}" if DEMO_SMTP_PORT else ENV.SMTP_RELAY_URL
SLACK_API_URL = environment.here_only(ENV.SLACK_API_URL, demo=DEMO)
RESEND_API_URL = environment.here_only(ENV.RESEND_API_URL, demo=DEMO)
HUBSPOT_API_URL = environment.here_only(ENV.HUBSPOT_API_URL, demo=DEMO)
UNIPILE_API_URL = environment.here_only(ENV.UNIPILE_API_URL, demo=DEMO)
UNIPILE_API_KEY = ENV.UNIPILE_API_KEY.get_secret_value()
# An installation known by a loopback address only can't be called from elsewhere.
UNIPILE_CALLS_BACK = not IS_LOOPBACK or environment.is_here(UNIPILE_API_URL)
GOOGLE_CLIENT_SECRET = ENV.GOOGLE_CLIENT_SECRET.get_secret_value()
GOOGLE_AUTHORIZE_URL = environment.here_only(ENV.GOOGLE_AUTHORIZE_URL, demo=DEMO)
GOOGLE_TOKEN_URL = environment.here_only(ENV.GOOGLE_TOKEN_URL, demo=DEMO)
GOOGLE_CLIENT_ID = ENV.GOOGLE_CLIENT_ID if GOOGLE_TOKEN_URL else ""
GMAIL_SMTP_URL = ENV.GMAIL_SMTP_URL
GMAIL_IMAP_URL = ENV.GMAIL_IMAP_URL
ANTHROPIC_BASE_URL = environment.here_only(ENV.ANTHROPIC_BASE_URL, demo=DEMO)
ANTHROPIC_API_KEY = ENV.ANTHROPIC_API_KEY.get_secret_value()
OPENAI_BASE_URL = environment.here_only(ENV.OPENAI_BASE_URL, demo=DEMO)
OPENAI_API_KEY = ENV.OPENAI_API_KEY.get_secret_value()
AGENTS_DAILY_BUDGET_USD = ENV.AGENTS_DAILY_BUDGET_USD
SYSTEM_MAIL_URL = (SMTP_RELAY_URL if DEMO_SMTP_PORT else "") if DEMO else ENV.SYSTEM_MAIL_URL
OUTBOUND_OPERATOR_ORIGINS = [
    url
    for url in (
        SMTP_RELAY_URL,
        SYSTEM_MAIL_URL,
        SLACK_API_URL,
        RESEND_API_URL,
        HUBSPOT_API_URL,
        UNIPILE_API_URL,
        GOOGLE_TOKEN_URL,
        ANTHROPIC_BASE_URL,
        OPENAI_BASE_URL,
    )
    if url
]
DISPATCH_IN_WORKER = ENV.DISPATCH_IN_WORKER

# --- notices ------------------------------------------------------------------------------------

EMAIL_BACKEND = "core.system_mail.PinnedBackend"
EMAIL_TIMEOUT = 15
_system_mail = environment.mail_server(SYSTEM_MAIL_URL)
EMAIL_HOST = _system_mail.host
EMAIL_PORT = _system_mail.port
EMAIL_HOST_USER = _system_mail.username
EMAIL_HOST_PASSWORD = _system_mail.password
EMAIL_USE_TLS = _system_mail.security == "starttls"
EMAIL_USE_SSL = _system_mail.security == "tls"
DEFAULT_FROM_EMAIL = ENV.SYSTEM_MAIL_FROM or f"notices@{environment.host_of(PUBLIC_BASE_URL)}"
METRICS_TOKEN = ENV.METRICS_TOKEN.get_secret_value()

# --- OAuth: see oauth/settings.py ---------------------------------------------------------------

from oauth.settings import *  # noqa: E402, F403 - beside our subclasses
from oauth.settings import toolkit  # noqa: E402

OAUTH2_PROVIDER = toolkit(PUBLIC_BASE_URL)
OAUTH_REDIRECT_HOSTS = environment.words(ENV.OAUTH_REDIRECT_HOSTS)
CIMD_ALLOWED_HOSTS = environment.words(ENV.CIMD_ALLOWED_HOSTS)
CIMD_STATIC_DOCUMENTS = ENV.CIMD_STATIC_DOCUMENTS

# --- background ---------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "processed_folder": str(VAR_DIR / "broker" / "processed"),
        "store_processed": True,
        "polling_interval": 0.1,
    }
)

# --- logs ---------------------------------------------------------------------------------------

_SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_tokens,
]
_RENDERER: Any = (
    structlog.dev.ConsoleRenderer(colors=False)
    if ENV.LOG_FORMAT == "console"
    else structlog.processors.JSONRenderer()
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": _RENDERER,
            "foreign_pre_chain": _SHARED_PROCESSORS,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": ENV.LOG_LEVEL},
    "loggers": {
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": False, "level": "WARNING"},
        # At DEBUG these log whole messages, headers and private texts.
        **{
            name: {"level": "WARNING"}
            for name in ("httpx", "httpx2", "httpcore", "httpcore2", "mcp", "markdown_it")
        },
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
