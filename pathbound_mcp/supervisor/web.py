"""The web process: uvicorn on the socket that the supervisor holds."""

import os
import socket
import sys

import uvicorn


def main() -> None:
    """Serve on the inherited socket until SIGTERM; open streams get three seconds to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")
    config = uvicorn.Config(
        "pathbound_mcp.asgi:application",
        loop="uvloop",
        http="h11",  # bounds a request's head; httptools does not
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # TRUSTED_PROXY_HOPS decides which forwarded address counts
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
