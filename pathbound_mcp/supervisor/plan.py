"""The processes of a run, and their arguments and environment."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pathbound_mcp.env import ROOT, Environment


@dataclass(slots=True)
class Program:
    """One process: its name, command line, and the descriptors it inherits."""

    name: str
    command: list[str]
    descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FakeServer:
    """A local fake of an external service; {port} in others' environment is its own.

    It starts before all else, and writes its address to a file.
    """

    program: Program
    ready: Path
    told: dict[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run: `prepare` runs first, and `health_url` answers 200 when all is ready.

    The last line `prepare` prints is {"logins": [...]}. A program that died is started again after
    `pause_seconds`, which double each time.
    """

    settings: Environment
    prepare: list[str]
    programs: list[Program]
    health_url: str
    environ: dict[str, str] = field(repr=False)
    fakes: list[FakeServer] = field(default_factory=list)
    pause_seconds: float = 0.5

    @property
    def var_dir(self) -> Path:
        """VAR_DIR, absolute."""
        return self.settings.VAR_DIR.absolute()


def make(settings: Environment, listener: int) -> Plan:
    """The processes of a run; `listener` is the descriptor of the web process's socket."""
    var_dir = settings.VAR_DIR.absolute()
    environ = {
        "LOG_FORMAT": "console",
        **os.environ,
        "VAR_DIR": str(var_dir),
        "PORT": str(settings.PORT),
        "DISPATCH_IN_WORKER": "0",
        "PYTHONUNBUFFERED": "1",
    }
    if _needs_a_proxy(settings):
        environ["TRUSTED_PROXY_HOPS"] = "1"
    return Plan(
        settings=settings,
        prepare=[sys.executable, str(ROOT / "manage.py"), "prepare"],
        programs=_programs(var_dir, listener),
        health_url=f"http://127.0.0.1:{settings.PORT}/health/ready",
        environ=environ,
        fakes=_fakes(var_dir) if settings.DEMO else [],
    )


def _needs_a_proxy(settings: Environment) -> bool:
    """Public by https, listening on loopback only: a proxy on this machine must be in front."""
    is_https = settings.base_url.startswith("https://")
    return is_https and "TRUSTED_PROXY_HOPS" not in settings.model_fields_set


def _programs(var_dir: Path, listener: int) -> list[Program]:
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "pathbound_mcp.celery"]
    web = [sys.executable, "-m", "pathbound_mcp.supervisor.web", str(listener)]
    # Threads, because processes of a pool would outlive a worker that is killed.
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--pidfile=", "--schedule", str(var_dir / "beat-schedule")]
    return [
        Program("web", web, (listener,)),
        Program("worker", [*worker, "--without-gossip", "--without-mingle"]),
        Program("beat", [*beat, "--loglevel", "INFO"]),
        Program("dispatch", [sys.executable, str(ROOT / "manage.py"), "dispatch"]),
    ]


def _fakes(var_dir: Path) -> list[FakeServer]:
    local = "http://127.0.0.1:{port}"
    return [
        _fake(var_dir, "mail_sink", "--dir", "mail", {"DEMO_SMTP_PORT": "{port}"}),
        _fake(var_dir, "slack", "--log", "slack.log", {"SLACK_API_URL": f"{local}/api"}),
        _fake(var_dir, "resend", "--log", "resend.log", {"RESEND_API_URL": local}),
        _fake(var_dir, "hubspot", "--log", "hubspot.log", {"HUBSPOT_API_URL": local}),
        _fake(
            var_dir,
            "unipile",
            *("--log", "unipile.log"),
            {"UNIPILE_API_URL": local, "UNIPILE_API_KEY": "unipile-fake"},
        ),
        _fake(
            var_dir,
            "anthropic",
            *("--log", "anthropic.log"),
            {"ANTHROPIC_BASE_URL": local, "ANTHROPIC_API_KEY": "sk-ant-fake"},
        ),
        _fake(
            var_dir,
            "openai",
            *("--log", "openai.log"),
            {"OPENAI_BASE_URL": f"{local}/v1", "OPENAI_API_KEY": "sk-fake"},
        ),
        _fake(var_dir, "mcp_server", "--log", "mcp-server.log", {"DEMO_MCP_URL": f"{local}/mcp"}),
    ]


def _fake(var_dir: Path, module: str, option: str, place: str, told: dict[str, str]) -> FakeServer:
    name = module.replace("_", "-")
    ready = var_dir / f"{name}.port"
    kept = var_dir / place if option == "--dir" else var_dir / "fakes" / place
    command = [sys.executable, "-m", f"fakes.{module}", option, str(kept)]
    command += ["--port", "0", "--ready-file", str(ready)]
    return FakeServer(Program(name, command), ready, told)
