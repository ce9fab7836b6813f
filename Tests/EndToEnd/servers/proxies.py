"""What stands between clients and a server of this machine: it loses answers and cuts connections when told to."""

import socket
import struct
import threading

PIECE = 1 << 16


class Proxy:
    """Passes everything on, until told otherwise. Connections are counted in `connections`, lost bytes in `lost`."""

    def __init__(self, target, port=0):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.open = set()
        self.loses_answers = False
        self.refuses = False
        self.lost = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def cut(self):
        """Ends every connection there is."""
        with self.lock:
            connections = list(self.open)
        for one in connections:
            shut(one)
        return len(connections)

    def close(self):
        self.refuses = True
        shut(self.listener)
        self.listener.close()
        self.cut()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.refuses:
                return
            with socket.create_connection(("127.0.0.1", self.target), timeout=30) as server:
                server.settimeout(None)
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.lock:
                    self.open |= {client, server}
                back = threading.Thread(target=self.pass_answers, args=(server, client), daemon=True)
                back.start()
                self.pass_requests(client, server)
                back.join()
                with self.lock:
                    self.open -= {client, server}
        except OSError:
            pass  # The server is away: the client sees its connection end.
        finally:
            client.close()

    def pass_requests(self, client, server):
        copy(client, server, lambda piece: piece)

    def pass_answers(self, server, client):
        copy(server, client, self.answer)

    def answer(self, piece):
        if not self.loses_answers:
            return piece
        self.lost += len(piece)
        return b""


def copy(source, sink, change):
    """Until one of both ends, or `change` gives None."""
    try:
        while piece := source.recv(PIECE):
            piece = change(piece)
            if piece is None:
                break
            if piece:
                sink.sendall(piece)
    except OSError:
        pass
    shut(source)
    shut(sink)


def shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class CommitCutter(Proxy):
    """In front of PostgreSQL: cuts connections in the middle of commits, before the commit arrives or before its answer."""

    def __init__(self, target, port=0):
        super().__init__(target, port)
        self.cuts_wanted = 0
        self.delivers = True
        self.cuts = 0

    def cut_commits(self, count, delivers):
        """The next `count` commits: `delivers` says whether they reach the server."""
        with self.lock:
            self.cuts_wanted, self.delivers = count, delivers

    def pass_requests(self, client, server):
        requests = CommitFinder()

        def look(piece):
            if not requests.holds_commit(piece):
                return piece
            with self.lock:
                if not self.cuts_wanted:
                    return piece
                self.cuts_wanted -= 1
                self.cuts += 1
                delivers = self.delivers
            if delivers:
                # Nothing of the answer may pass.
                shut_writing(client)
                server.sendall(piece)
            return None

        copy(client, server, look)


def shut_writing(one):
    try:
        one.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class CommitFinder:
    """Follows a client's messages (PostgreSQL's protocol 3) and notices those that run the statement COMMIT."""

    NEGOTIATION = (80877103, 80877104)      # SSLRequest, GSSENCRequest: another first message follows

    def __init__(self):
        self.rest = b""
        self.is_started = False
        self.names = set()

    def holds_commit(self, piece):
        self.rest += piece
        found = False
        while True:
            head = 5 if self.is_started else 4
            if len(self.rest) < head:
                return found
            size = struct.unpack_from("!I", self.rest, head - 4)[0] + head - 4
            if len(self.rest) < size:
                return found
            message, self.rest = self.rest[:size], self.rest[size:]
            found = self.look(message) or found

    def look(self, message):
        if not self.is_started:
            self.is_started = struct.unpack_from("!I", message, 4)[0] not in self.NEGOTIATION
            return False
        kind, texts = message[:1], message[5:].split(b"\0", 2)
        if kind == b"P":                    # Parse: name, text
            (self.names.add if texts[1] == b"COMMIT" else self.names.discard)(texts[0])
            return False
        if kind == b"B":                    # Bind: portal, name
            return texts[1] in self.names
        return kind == b"Q" and texts[0] == b"COMMIT"
