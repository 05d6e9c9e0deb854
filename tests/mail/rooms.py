"""A real HTTP server on loopback that answers by the path asked for, for tests of chat rooms."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Rooms(ThreadingHTTPServer):
    """Keeps what was posted, by path; answers as the path says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Room)
        self.posted: list[tuple[str, Any]] = []

    def address(self, path: str) -> str:
        """Give the web address of a room."""
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class _Room(BaseHTTPRequestHandler):
    server: Rooms

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path.strip("/").partition("?")[0]
        if path == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.server.posted.append((path, json.loads(body)))
            return
        if path == "mute":
            time.sleep(1)
        code = int(path) if path.isdecimal() else 200
        self.send_response(code)
        if path == "429":
            self.send_header("Retry-After", "600")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        if code == 200:
            self.server.posted.append((path, json.loads(body)))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def open_rooms() -> Iterator[Rooms]:
    """Serve until the block is left."""
    rooms = Rooms()
    thread = threading.Thread(target=rooms.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield rooms
    finally:
        rooms.shutdown()
        thread.join()
        rooms.server_close()
