"""Who builds, who needs root: hack/kubernetes.sh behind sudo builds as the caller, hack/test.sh asks for root at once.

id, sudo, runuser and what they ask are stubs: alone.sh makes this user root of nothing but the test's own namespaces.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORD = '#!/bin/sh\necho "$@" >>"$SAID/asked"\nexit ${STUB_EXIT:-0}\n'


class Stubs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.said = pathlib.Path(folder.name)

    def stub(self, name, text=RECORD):
        (self.said / name).write_text(text)
        (self.said / name).chmod(0o755)

    def run_script(self, *command, path="/usr/bin:/bin:/usr/sbin:/sbin", **environment):
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={
            "PATH": f"{self.said}:{path}", "HOME": "/root", "SAID": str(self.said), **environment})

    def asked(self):
        return (self.said / "asked").read_text().splitlines() if (self.said / "asked").exists() else []


class BehindSudo(Stubs):
    def setUp(self):
        super().setUp()
        self.home = self.said / "home"
        self.stub("runuser")
        self.stub("getent", f'#!/bin/sh\necho "$2:x:1000:1000::{self.home}:/bin/sh"\n')
        self.owner("ada")

    def owner(self, name):
        self.stub("stat", f"#!/bin/sh\necho {name}\n")

    def test_what_a_node_needs_is_built_as_the_caller(self):
        done = self.run_script("hack/kubernetes.sh", "--node", "--state", self.said / "state", SUDO_USER="ada")
        self.assertEqual(self.asked(), [f"--user ada -- env HOME={self.home} {ROOT}/hack/images.sh",
                                        f"--user ada -- env HOME={self.home} {ROOT}/hack/kubernetes.sh build --node"])
        # The stub builds nothing; what is missing is missing in the caller's folder.
        self.assertIn(f"{self.home}/.cache/tollgate/", done.stderr)

    def test_a_clone_of_roots_own_is_built_as_root(self):
        self.owner("root")
        done = self.run_script("hack/kubernetes.sh", "start", "--state", self.said / "state", SUDO_USER="ada",
                               HOME=str(self.said / "roots"))
        self.assertIn(f"{self.said}/roots/.cache/tollgate/", done.stderr)


class RootForTheNode(Stubs):
    def setUp(self):
        super().setUp()
        self.stub("id", "#!/bin/sh\necho 1000\n")

    def test_without_sudo_it_is_said_at_once(self):
        for name in ("bash", "dirname"):
            os.symlink(f"/usr/bin/{name}", self.said / name)
        done = self.run_script("/usr/bin/bash", "hack/test.sh", path="")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--without-node", done.stderr)

    def test_with_sudo_it_is_asked_for_at_once(self):
        self.stub("sudo")
        done = self.run_script("hack/test.sh", STUB_EXIT="1")
        self.assertEqual((done.returncode, self.asked()), (1, ["--validate"]))
        self.assertIn("--without-node", done.stderr)


if __name__ == "__main__":
    unittest.main()
