"""An upstream that serves HTTPS by Python's ssl and http.server, and says in its answers what it saw of TLS.

usage: tls_upstream.py PORT_FILE CHAIN KEY [CLIENT_AUTHORITIES]
Each answer is lines of name=value: the number of the connection, the name that was asked for, whether its session was
resumed, the client's common name.
"""

import http.server
import itertools
import os
import ssl
import sys
import threading

port_file, chain, key = sys.argv[1:4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)
context.set_alpn_protocols(["http/1.1"])
if len(sys.argv) > 4:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[4])
names = {}
context.sni_callback = lambda connection, name, _: names.__setitem__(id(connection), name)
numbers = itertools.count(1)
lock = threading.Lock()


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request = context.wrap_socket(self.request, server_side=True)
        with lock:
            self.number = next(numbers)
        super().setup()

    def do_GET(self):
        peer = self.request.getpeercert() or {}
        common = [value for part in peer.get("subject", ()) for name, value in part if name == "commonName"]
        lines = {"connection": self.number, "name": names.get(id(self.request)),
                 "resumed": self.request.session_reused, "client": ",".join(common), "host": self.headers["Host"]}
        body = "".join(f"{name}={value}\n" for name, value in lines.items()).encode()
        self.send_response(503 if self.path.endswith("/failing") else 200)
        if self.path.endswith("/closing"):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a handshake that failed


server = Server(("127.0.0.1", 0), Answers)
with open(port_file + ".partial", "w") as file:
    file.write(f"https={server.server_port}\n")
os.rename(port_file + ".partial", port_file)
server.serve_forever()
