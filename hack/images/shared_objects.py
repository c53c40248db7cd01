"""What a program needs beside itself to be started: the shared objects that ldd names, the loader included."""

import re
import subprocess


class Missing(Exception):
    """A program, or something that it needs, is not there; the text says what and the remedy."""


# "libssl.so.3 => /lib/…/libssl.so.3 (0x…)" and "/lib64/ld-linux-x86-64.so.2 (0x…)": the vdso has no path.
OBJECT = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$")
ABSENT = re.compile(r"^\s*(\S+) => not found$")


def shared_objects(program):
    """The absolute paths under which the loader looks for them, sorted; none for a static program."""
    plain = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    answer = subprocess.run(["ldd", program], capture_output=True, text=True, env=plain)
    if answer.returncode != 0:
        if "not a dynamic executable" in answer.stderr + answer.stdout:
            return []
        raise Missing(f"ldd cannot read {program}: {answer.stderr.strip()}; build it first")
    paths = set()
    for line in answer.stdout.splitlines():
        absent = ABSENT.match(line)
        if absent:
            raise Missing(f"{program} needs {absent.group(1)}, which is not installed; run hack/setup.sh")
        match = OBJECT.match(line)
        if match:
            paths.add(match.group(1))
    return sorted(paths)
