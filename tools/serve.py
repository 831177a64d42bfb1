"""Show the built site at an address of this machine."""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.paths import HTML

PORTS = range(8000, 8020)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each; the browser always asks for the newest."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def server(site: Path, ports: range = PORTS) -> ThreadingHTTPServer:
    """A server for `site` on the first of `ports` that is free."""
    handler = partial(QuietHandler, directory=str(site))
    for port in ports:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    sys.exit(
        f"All ports from {ports.start} to {ports.stop - 1} are in use; free one and try again."
    )


if __name__ == "__main__":
    with server(HTML) as running:
        print(f"The book: http://localhost:{running.server_port}   (Ctrl-C ends this)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()
