"""What hack/run.sh prints holds: each command that it prints answers what stands above it, and Ctrl-C ends it all."""

import ctypes
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = os.environ.get("TOLLGATE_PROGRAMS", str(ROOT / "build/release/bin"))
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def eventually(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (result := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return result


class Run:
    """hack/run.sh in a session of its own, as in a terminal."""

    def __init__(self, *arguments):
        # Whatever it leaves behind becomes a child of this process.
        ctypes.CDLL(None).prctl(SUBREAPER, 1)
        self.output = tempfile.NamedTemporaryFile(mode="r")
        with open(self.output.name, "w") as output:
            self.process = subprocess.Popen([ROOT / "hack/run.sh", "--programs", PROGRAMS, *arguments],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            start_new_session=True)

    def said(self):
        return pathlib.Path(self.output.name).read_text()

    def await_instructions(self):
        eventually(lambda: "Ctrl-C stops everything." in self.said() or self.process.poll() is not None, 300)
        return self.process.poll() is None

    # To every process of the terminal, as the kernel does.
    def press_ctrl_c(self):
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60)

    def end(self):
        if self.process.poll() is None:
            self.press_ctrl_c()
        self.output.close()


def children_remain():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
        return True
    except ChildProcessError:
        return False


def instructions(text):
    """The commands that stand in `text`, each with the comment above it; first what they set."""
    comment, settings, commands = "", [], []
    for line in text.splitlines():
        if line.startswith("  # "):
            comment = line[4:]
        elif re.match(r"  in=", line):
            settings.append(line.strip())
        elif re.match(r"  (curl|\$in|for) ", line):
            commands.append((comment, line.strip()))
    return settings, commands


def keeps_its_word(comment, command, settings):
    done = subprocess.run(["bash", "-c", "\n".join([*settings, command])], cwd=ROOT, capture_output=True, text=True)
    status = re.search(r": (\d{3})$", comment)
    header = re.search(r"\((Cache-Status: [^)]+)\)", comment)
    if done.returncode != 0 or not done.stdout:
        return False
    if header and header.group(1) not in done.stdout:
        return False
    said = re.findall(r"^(?:HTTP/1\.1 )?(\d{3})\b", done.stdout, re.MULTILINE)
    return status is None or said[-1:] == [status.group(1)]


class RunTest(unittest.TestCase):
    def assert_run(self, *arguments, commands, answers):
        run = Run(*arguments)
        self.addCleanup(run.end)
        self.assertTrue(run.await_instructions(), run.said())
        settings, printed = instructions(run.said())
        self.assertEqual(len(printed), commands, run.said())
        self.assertEqual(sum(": " in comment for comment, _ in printed), answers, run.said())
        for comment, command in printed:
            # Again, where another command has just used the second's requests.
            self.assertTrue(eventually(lambda: keeps_its_word(comment, command, settings), 30), f"{comment}\n{command}")
        folder = pathlib.Path(re.search(r"access log  (/.*)/", run.said()).group(1))
        self.assertTrue(folder.is_dir())
        self.assertEqual(run.press_ctrl_c(), 0, run.said())
        self.assertTrue(eventually(lambda: not children_remain(), 30), "processes are left")
        self.assertFalse(folder.exists())


class Embedded(RunTest):
    def test_what_it_prints_holds(self):
        self.assert_run("--port", "8080", commands=7, answers=7)


class Kubernetes(RunTest):
    def test_what_it_prints_holds(self):
        self.assert_run("--kubernetes", commands=9, answers=5)


if __name__ == "__main__":
    unittest.main()
