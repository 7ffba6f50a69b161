"""Entry point: `python -m pathbound_mcp.supervisor [--demo]`."""

import argparse
import os

from pathbound_mcp import env
from pathbound_mcp.supervisor import claims, loop, plan


def main() -> None:
    """Run until Ctrl-C or SIGTERM. Whatever is in the way ends it in one sentence, status 1."""
    parser = argparse.ArgumentParser(prog="pathbound_mcp.supervisor")
    parser.add_argument("--demo", action="store_true", help="demo data, demo logins, mail sink")
    if parser.parse_args().demo:
        os.environ["DEMO"] = "1"
    environment = env.load()
    claims.make_folder(environment.VAR_DIR)
    with (
        claims.folder(environment.VAR_DIR),
        claims.port(environment.PORT, environment.VAR_DIR) as listener,
    ):
        loop.Supervisor(plan.make(environment, listener.fileno())).run()


if __name__ == "__main__":
    main()
