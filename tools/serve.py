"""Show the built site at an address of this machine, below the path it is published at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tools.addresses import base_path
from tools.paths import HTML

PORTS = range(8000, 8020)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves the files of a site below `base`, and its page for missing pages, as GitHub does.

    There is no line for each request, and the browser always asks for the newest.
    """

    base = "/"

    def translate_path(self, path: str) -> str:
        inside = path.startswith(self.base)
        return super().translate_path("/" + path.removeprefix(self.base) if inside else "/outside")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def server(site: Path, ports: range = PORTS, *, base: str = "/") -> ThreadingHTTPServer:
    """A server for `site`, below the path `base`, on the first of `ports` that is free."""
    handler_class = type("Handler", (QuietHandler,), {"base": base})
    handler = partial(handler_class, directory=str(site))
    for port in ports:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    sys.exit(
        f"All ports from {ports.start} to {ports.stop - 1} are in use; free one and try again."
    )


@contextmanager
def serving(site: Path, ports: range = PORTS, *, base: str = "/") -> Iterator[str]:
    """Serve `site` beside what else the program does; gives the address of its front page."""
    running = server(site, ports, base=base)
    thread = Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}{base}"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


if __name__ == "__main__":
    with server(HTML, base=base_path()) as running:
        address = f"http://localhost:{running.server_port}{base_path()}"
        print(f"The book: {address}   (Ctrl-C ends this)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()
