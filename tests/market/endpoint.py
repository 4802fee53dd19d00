# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint of the chain that lags: it can be made to know blocks and events, but no receipts yet,
as public endpoints do for some seconds.

It stands between a node and the test chain on loopback.
"""
import http.server
import json
import threading
import urllib.request


class Endpoint:
    def __init__(self, chain_url):
        self.has_receipts = True
        endpoint = self
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = urllib.request.Request(chain_url, body, {"Content-Type": "application/json"})
                with opener.open(request, timeout=30) as answer:
                    reply = endpoint.forget(json.loads(body), json.load(answer))
                content = json.dumps(reply).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forget(self, calls, replies):
        """The chain's replies, without what this endpoint does not know yet."""
        if isinstance(calls, dict):
            return self.forget([calls], [replies])[0]
        hidden = {call["id"] for call in calls if call["method"] == "eth_getTransactionReceipt"} if not self.has_receipts else set()
        return [{"jsonrpc": "2.0", "id": reply["id"], "result": None} if reply["id"] in hidden else reply for reply in replies]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
