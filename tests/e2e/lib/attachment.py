# SPDX-License-Identifier: Apache-2.0
"""A client of a session, frame by frame (docs/protocol/session.md)."""
import json
import struct

SPEC, STDIN, STDIN_EOF, RESIZE, SIGNAL, OUTPUT_CLOSED = 1, 2, 3, 4, 5, 6
RESUME, OUTPUT_ACK, DETACH, HANGUP, EXIT_ACK = 7, 8, 9, 10, 11
STARTED, STDOUT, STDERR, ACKED, EXIT, NOTICE, SCREEN = 64, 65, 66, 67, 68, 69, 70


def frame(kind, payload=b""):
    return struct.pack("!BI", kind, len(payload)) + payload


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status, self.problem = status, problem


class Attachment:
    """What one client knows of a session, over all its connections.

    out, err   output from the first byte that it was given on; offset: where that was
    screen     what painted its terminal; notices: what it was told
    """

    def __init__(self):
        self.out, self.err, self.screen, self.notices = b"", b"", b"", []
        self.started = self.exit = self.stream = None
        self.sent, self._attempt = b"", 0

    @classmethod
    def start(cls, connection, argv=None, more=b"", **spec):
        """Begins a session; keywords are members of its SPEC."""
        self = cls()
        spec = {"resume": True, **({"argv": argv} if argv else {}), **spec}
        return self._open(connection, "/v1/sessions", frame(SPEC, json.dumps(spec).encode()) + more)

    @classmethod
    def attach(cls, connection, session, **how):
        self = cls()
        request = {"attach": True, "scrollback": 1000, **how}
        return self._open(connection, f"/v1/sessions/{session}", frame(RESUME, json.dumps(request).encode()))

    def resume(self, connection):
        """Goes on over another connection: sends again what has not arrived, and checks that output
        begins where it broke off."""
        self._attempt += 1
        request = {"attachment": self.number, "attempt": self._attempt,
                   "stdout": self.offset + len(self.out), "stderr": len(self.err)}
        self._open(connection, f"/v1/sessions/{self.session}", frame(RESUME, json.dumps(request).encode()))
        assert self.started["stdout"] == request["stdout"]
        self.stream.send(frame(STDIN, self.sent[self.started["stdin"]:]))
        return self

    def _open(self, connection, path, first):
        self.stream = connection.request("CONNECT", path, "nigh-session")
        self.stream.send(first)
        self.stream.until(lambda: self.stream.status)
        if self.stream.status != 200:
            raise Refused(*self.stream.answer())
        before, self.started = self.started, None
        self.until(lambda: self.started or self.detached)
        if not self.started:
            raise Refused(200, self.detached)
        if not before:
            self.session, self.number = self.started["session"], self.started["attachment"]
            self.token, self.offset = self.started["resume_token"], self.started.get("stdout", 0)
            self.acknowledge()  # somebody knows of it
        return self

    @property
    def detached(self):
        return next((one["detached"] for one in self.notices if "detached" in one), None)

    def until(self, condition):
        def look():
            self._take()
            return condition()
        return self.stream.until(look)

    def until_out(self, text):
        self.until(lambda: text in self.out)

    def until_exit(self):
        """The exit status; tells the server that it has arrived."""
        self.until(lambda: self.exit)
        self.stream.send(frame(EXIT_ACK), end=True)
        return self.exit

    def _take(self):
        while len(self.stream.data) >= 5:
            kind, size = struct.unpack("!BI", self.stream.data[:5])
            if len(self.stream.data) < 5 + size:
                return
            payload, self.stream.data = self.stream.data[5:5 + size], self.stream.data[5 + size:]
            if kind == STDOUT:
                self.out += payload
            elif kind == STDERR:
                self.err += payload
            elif kind == SCREEN:
                self.screen += payload
            elif kind == STARTED:
                self.started = json.loads(payload)
            elif kind == EXIT:
                self.exit = json.loads(payload)
            elif kind == NOTICE:
                self.notices.append(json.loads(payload))
            else:
                assert kind == ACKED, kind

    def say(self, kind, payload=b""):
        self.stream.send(frame(kind, payload))

    def type(self, text):
        self.sent += text
        self.say(STDIN, text)

    def acknowledge(self):
        self.say(OUTPUT_ACK, struct.pack("!QQ", self.offset + len(self.out), len(self.err)))

    def resize(self, columns, rows):
        self.say(RESIZE, struct.pack("!4H", columns, rows, 0, 0))

    def detach(self):
        self.say(DETACH)
        self.stream.until(lambda: self.stream.ended)
