"""Entry point: `python -m pathbound_mcp.supervisor [--demo]`."""

import argparse
import os

from pathbound_mcp import env
from pathbound_mcp.supervisor import loop, plan


def main() -> None:
    """Run until Ctrl-C or SIGTERM. Any obstacle ends it with one sentence, status 1."""
    parser = argparse.ArgumentParser(prog="pathbound_mcp.supervisor")
    parser.add_argument("--demo", action="store_true", help="demo data, demo logins, mail sink")
    if parser.parse_args().demo:
        os.environ["DEMO"] = "1"
    loop.run(env.load(), plan.make)


if __name__ == "__main__":
    main()
