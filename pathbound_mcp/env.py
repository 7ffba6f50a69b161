"""The environment, read once and checked: an invalid value aborts the start with one sentence."""

import os
import secrets
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import dj_database_url
from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class Environment(BaseSettings):
    """Every variable the project reads; `.env.example` is written from these descriptions."""

    model_config = SettingsConfigDict(
        env_file=os.environ.get("ENV_FILE", ROOT / ".env"), extra="ignore", env_ignore_empty=True
    )

    PORT: int = Field(8000, ge=1, le=65535, description="Port the web process listens on.")
    PUBLIC_BASE_URL: str = Field(
        "",
        description="Public origin of the site; https unless loopback. Default: this machine.",
    )
    VAR_DIR: Path = Field(ROOT / "var", description="Database, broker folders, secrets, mail.")
    DATABASE_URL: str = Field("", description="postgres://... Default: SQLite in VAR_DIR.")
    DATABASE_POOL_SIZE: int = Field(
        8, ge=1, description="Connections per process; PostgreSQL only."
    )
    REDIS_URL: str = Field("", description="redis://... Default: files and the database.")
    SECRET_KEY: SecretStr = Field(SecretStr(""), description="Default: generated once in VAR_DIR.")
    SECRET_KEY_FILE: Path | None = Field(None, description="File that contains SECRET_KEY.")
    FIELD_KEYS: SecretStr = Field(
        SecretStr(""),
        description="Keys for stored secrets, newest first, comma-separated. Default: in VAR_DIR.",
    )
    FIELD_KEYS_FILE: Path | None = Field(None, description="File with FIELD_KEYS, one per line.")
    DEBUG: bool = Field(False, description="Django's debug pages; never with real data.")
    DEMO: bool = Field(
        False, description="Demo logins, /dev/mail/, fake servers. `make run` sets it."
    )
    LOG_LEVEL: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$",
        description="Lowest level that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL.",
    )
    LOG_FORMAT: str = Field("json", pattern="^(json|console)$", description="json or console.")
    TRUSTED_PROXY_HOPS: int = Field(
        0,
        ge=0,
        description="Trusted proxies in front, for the forwarded address and scheme.",
    )
    MCP_RATE_LIMIT: str = Field("30/m", description="Tool calls per user.")
    REST_RATE_LIMIT: str = Field("100/15m", description="REST calls per key.")
    UNDO_WINDOW_SECONDS: int = Field(13, ge=0, description="Undo window, approved in a page.")
    UNDO_WINDOW_CHAT_SECONDS: int = Field(60, ge=0, description="Undo window, approved in chat.")
    OAUTH_REDIRECT_HOSTS: str = Field(
        "claude.ai,claude.com,chatgpt.com,vscode.dev,insiders.vscode.dev,loopback,cursor:",
        description="Redirect hosts apps may use without an admin's approval.",
    )
    CIMD_ALLOWED_HOSTS: str = Field(
        "claude.ai,claude.com,chatgpt.com,vscode.dev,insiders.vscode.dev",
        description="Hosts client metadata documents are fetched from.",
    )
    CIMD_STATIC_DOCUMENTS: Path | None = Field(
        None, description="DEMO only: JSON file {url: document} used instead of fetching."
    )
    OUTBOUND_PRIVATE_HOSTS: str = Field(
        "", description="host:port pairs on private addresses that may be reached."
    )
    DISPATCH_IN_WORKER: bool = Field(
        True,
        description="Celery workers run the dispatch loop too. `make run` has its own process.",
    )
    DEMO_SMTP_PORT: int = Field(
        0, ge=0, le=65535, description="DEMO only: the mail sink's port. `make run` sets it."
    )
    DEMO_MCP_URL: str = Field(
        "", description="DEMO only: URL of the fake external MCP server. `make run` sets it."
    )
    SMTP_RELAY_URL: str = Field(
        "",
        description="smtp://user:pass@host:port (smtps://, smtp+starttls://) for senders without "
        "their own server. The demo uses its mail sink.",
    )
    SLACK_API_URL: str = Field("https://slack.com/api", description="Slack's Web API.")
    RESEND_API_URL: str = Field("https://api.resend.com", description="Resend's API.")
    HUBSPOT_API_URL: str = Field("https://api.hubapi.com", description="HubSpot's API.")
    UNIPILE_API_URL: str = Field(
        "",
        description="LinkedIn through Unipile: its base URL, like https://api1.unipile.com:13111. "
        "Logins on its page are reported to PUBLIC_BASE_URL/webhooks/unipile/.",
    )
    UNIPILE_API_KEY: SecretStr = Field(SecretStr(""), description="Unipile's access token.")
    GOOGLE_CLIENT_ID: str = Field(
        "",
        description="Gmail over OAuth: the web client's id. Its redirect URI is "
        "PUBLIC_BASE_URL/settings/senders/gmail/back/. Without it, mailboxes use passwords.",
    )
    GOOGLE_CLIENT_SECRET: SecretStr = Field(SecretStr(""), description="The web client's secret.")
    GOOGLE_AUTHORIZE_URL: str = Field(
        "https://accounts.google.com/o/oauth2/v2/auth", description="Google's consent page."
    )
    GOOGLE_TOKEN_URL: str = Field(
        "https://oauth2.googleapis.com/token", description="Google's token endpoint."
    )
    GMAIL_SMTP_URL: str = Field("smtps://smtp.gmail.com:465", description="Gmail's SMTP server.")
    GMAIL_IMAP_URL: str = Field("imaps://imap.gmail.com:993", description="Gmail's IMAP server.")
    ANTHROPIC_BASE_URL: str = Field(
        "https://api.anthropic.com", description="Anthropic's API, for agents."
    )
    ANTHROPIC_API_KEY: SecretStr = Field(
        SecretStr(""), description="Anthropic API key. Without it, agents can't use its models."
    )
    OPENAI_BASE_URL: str = Field(
        "https://api.openai.com/v1",
        description="OpenAI's API, or a compatible server, for agents.",
    )
    OPENAI_API_KEY: SecretStr = Field(
        SecretStr(""), description="OpenAI API key. Without it, agents can't use its models."
    )
    AGENTS_DAILY_BUDGET_USD: float = Field(
        5.0, ge=0, description="US dollars all agents of a workspace may spend on models per day."
    )
    SYSTEM_MAIL_URL: str = Field(
        "",
        description="smtp://user:pass@host:port (smtps://, smtp+starttls://) for notifications. "
        "Without it, people see them only in Settings. The demo uses its mail sink.",
    )
    SYSTEM_MAIL_FROM: str = Field("", description="Sender address of notifications.")
    METRICS_TOKEN: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for /metrics. Without it, only this machine may read it.",
    )

    @field_validator("DATABASE_URL")
    @classmethod
    def _a_database(cls, value: str) -> str:
        try:
            engine = dj_database_url.parse(value)["ENGINE"] if value else ""
        except ValueError:
            engine = "unknown"
        if value and engine.rpartition(".")[2] not in {"postgresql", "sqlite3"}:
            raise ValueError(
                "must be like postgres://user:pass@host:5432/name or sqlite:////folder/file, "
                "with special characters percent-encoded"
            )
        return value

    @field_validator("SYSTEM_MAIL_URL")
    @classmethod
    def _a_mail_server(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname):
            raise ValueError("must be like smtp+starttls://user:pass@mail.example.com:587")
        return value

    @field_validator("PUBLIC_BASE_URL")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must be an origin like https://crm.example.com, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator(
        "SLACK_API_URL",
        "RESEND_API_URL",
        "HUBSPOT_API_URL",
        "UNIPILE_API_URL",
        "GOOGLE_AUTHORIZE_URL",
        "GOOGLE_TOKEN_URL",
        "ANTHROPIC_BASE_URL",
        "OPENAI_BASE_URL",
    )
    @classmethod
    def _a_base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be a URL like https://api.example.com")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("must not contain a user name, query or fragment")
        return value.rstrip("/")

    @property
    def base_url(self) -> str:
        """The public origin, without a slash at its end."""
        return self.PUBLIC_BASE_URL or f"http://127.0.0.1:{self.PORT}"

    @property
    def is_loopback(self) -> bool:
        """Whether the public origin is this machine."""
        return is_here(self.base_url)

    @property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite:///{self.VAR_DIR.absolute() / 'pathbound.sqlite3'}"

    def secret_key(self) -> str:
        """Django's key: given, from a file, or generated once in VAR_DIR."""
        return self._secret(self.SECRET_KEY, self.SECRET_KEY_FILE, "secret_key").strip()

    def field_keys(self) -> list[str]:
        """Keys that encrypt stored secrets, newest first."""
        text = self._secret(self.FIELD_KEYS, self.FIELD_KEYS_FILE, "field_keys")
        return [key for key in text.replace(",", "\n").split() if key]

    def _secret(self, given: SecretStr, file: Path | None, name: str) -> str:
        if given.get_secret_value():
            return given.get_secret_value()
        path = file or self.VAR_DIR / "secrets" / name
        if file is None and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                path.hardlink_to(fresh)  # the first writer wins; no reader sees half a key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        try:
            return path.read_text()
        except OSError as error:
            raise SystemExit(f"{path} cannot be read: {error.strerror}.") from error


def load() -> Environment:
    """The environment, or one sentence and exit status 1."""
    try:
        _refuse_unreadable(Path(str(Environment.model_config["env_file"])))
        return Environment()
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in fault["loc"])
        reason = fault["msg"].removeprefix("Value error, ")
        raise SystemExit(f"The environment variable {name} is invalid: {reason}.") from None


def _refuse_unreadable(file: Path) -> None:
    """Refuse lines that are not assignments, which would be ignored silently."""
    if not file.is_file():
        return
    try:
        with file.open(encoding="utf-8") as stream:
            wrong = next((found for found in parse_stream(stream) if found.error), None)
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{file} cannot be read: {error}.") from None
    if wrong is not None:
        raise SystemExit(f"{file}, line {wrong.original.line}: expected NAME=value.")


def words(text: str) -> list[str]:
    """The parts of a comma-separated list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def here_only(url: str, *, demo: bool) -> str:
    """A provider's base URL; in the demo one of this machine, or an unused port."""
    return url if not demo or is_here(url) else "http://127.0.0.1:9"


def is_here(url: str) -> bool:
    """Whether the URL is of this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


class MailServer(NamedTuple):
    """The server of system mail; an empty host means none. `security` is none, starttls or tls."""

    host: str
    port: int
    security: str
    username: str
    password: str


def mail_server(url: str) -> MailServer:
    """The server a smtp://, smtps:// or smtp+starttls:// URL names."""
    parts = urlsplit(url)
    security = {"smtps": "tls", "smtp+starttls": "starttls"}.get(parts.scheme, "none")
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (465 if security == "tls" else 25),
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def host_of(origin: str) -> str:
    """The host name of an origin."""
    return urlsplit(origin).hostname or "localhost"
