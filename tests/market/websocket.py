# SPDX-License-Identifier: GPL-3.0-or-later
"""Just enough of a WebSocket client (RFC 6455) to read the node's event stream."""
import base64
import json
import os
import socket
import struct


class Refused(Exception):
    def __init__(self, status):
        super().__init__(f"the upgrade was refused with {status}")
        self.status = status


class WebSocket:
    def __init__(self, host, port, path, headers=(), timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(head.split()[1])
        if status != 101:
            self.socket.close()
            raise Refused(status)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the stream")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def event(self):
        """The next text message, as JSON."""
        while True:
            first, second = self._take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(length)
            opcode = first & 15
            if opcode == 1:
                return json.loads(payload)
            if opcode == 8:
                raise ConnectionError("the server closed the stream")

    def until(self, name):
        """The next event of that name."""
        while True:
            event = self.event()
            if event["event"] == name:
                return event

    def close(self):
        self.socket.close()
