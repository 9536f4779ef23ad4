"""A small static server for the built site, on this machine only."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path

TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".ipynb": "application/json",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files with the types that browsers insist on, and without a line for each request."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, **TYPES}  # noqa: RUF012

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def server(folder: Path, port: int = 0) -> http.server.ThreadingHTTPServer:
    """Return a server of `folder` on this machine; port 0 takes a free one."""
    handler = functools.partial(Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def serve(folder: Path, port: int) -> None:
    """Serve until Ctrl-C."""
    with server(folder, port) as running:
        print(f"The course is at http://localhost:{running.server_address[1]}  (Ctrl-C stops it)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")


if __name__ == "__main__":  # as the offline archive runs it: the site stands beside this file
    serve(Path(__file__).resolve().parent, 8000)
