"""A publisher of files on this machine: it serves parts, and cuts, refuses and counts what it is told to."""

import contextlib
import hashlib
import http.server
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Publisher:
    """What it has (name to bytes), where it is, and what it was asked for, as (name, range)."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    parts: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@contextlib.contextmanager
def published() -> Iterator[Publisher]:
    """Serve files over HTTP until the block ends."""
    publisher = Publisher()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def do_GET(self):
            name, wanted = self.path.lstrip("/"), self.headers["Range"]
            publisher.asked.append((name, wanted))
            if name in publisher.refused or name not in publisher.files:
                return self.send_error(403 if name in publisher.refused else 404)
            content, start = publisher.files[name], 0
            if wanted and publisher.parts:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    return self.send_error(416)
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : publisher.cut_after.pop(name, len(content))])
            self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    publisher.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    """As the registry writes it."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def closed_port() -> int:
    """A port where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
