"""Callers that never stop asking, and count every answer.

Some keep their connection until they are told that it closes, as clients of APIs do; some open one for each request,
as whatever comes for the first time does. Nothing is ever tried again: an answer that is not the one expected, or no
answer, is a failure.
"""

import collections
import http.client
import threading
import time

TIMEOUT_SECONDS = 20


class Load:
    """Runs from `with` on until its end; `answers` counts by status, `failures` tells what went wrong, and when."""

    def __init__(self, address, path, headers, keeping=6, opening=2, expected=200, pause=0.005):
        self.address, self.path, self.headers = address, path, headers
        self.expected, self.pause = expected, pause
        self.answers = collections.Counter()
        self.connections = 0
        self.failures = []
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.callers = [threading.Thread(target=self.call, args=(number < keeping,))
                        for number in range(keeping + opening)]

    def __enter__(self):
        self.began = time.monotonic()
        for caller in self.callers:
            caller.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for caller in self.callers:
            caller.join()

    def total(self):
        with self.lock:
            return sum(self.answers.values()) + len(self.failures)

    def call(self, keeps):
        connection = None
        while not self.ending.is_set():
            if connection is None:
                connection = self.connect()
            closes = self.ask(connection)
            if closes or not keeps:
                connection.close()
                connection = None
            time.sleep(self.pause)
        if connection is not None:
            connection.close()

    def connect(self):
        with self.lock:
            self.connections += 1
        return http.client.HTTPConnection(self.address, 80, timeout=TIMEOUT_SECONDS)

    def ask(self, connection):
        """One request; returns whether the connection is at its end."""
        try:
            connection.request("GET", self.path, headers=self.headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.fail(f"{type(error).__name__}: {error}")
            return True
        if answer.status == self.expected:
            with self.lock:
                self.answers[answer.status] += 1
        else:
            self.fail(f"{answer.status}: {body[:200]}")
        return answer.will_close

    def fail(self, what):
        with self.lock:
            self.failures.append(f"after {time.monotonic() - self.began:.2f} s: {what}")

    def report(self):
        with self.lock:
            kinds = collections.Counter(failure.partition(": ")[2][:40] for failure in self.failures)
            return (f"{sum(self.answers.values())} answers on {self.connections} connections in "
                    f"{time.monotonic() - self.began:.1f} s, {len(self.failures)} failures {dict(kinds) or ''}")
