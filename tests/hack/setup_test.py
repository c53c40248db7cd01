"""hack/setup/install.sh starts no service, now or at the next boot, and leaves the machine's own rules as they were.

apt-get and systemctl are stubs here, and their folders mounts of this test's own: alone.sh makes them private.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY = pathlib.Path("/usr/sbin/policy-rc.d")
UNITS = pathlib.Path("/lib/systemd/system")
OWN_RULE = "#!/bin/sh\nexit 0\n"

# As a package's own script does: it asks first. A package in between fails, where the test says so.
APT_GET = f"""#!/bin/sh
{POLICY} nginx start; echo $? >"$SAID/policy"
touch {UNITS}/nginx.service {UNITS}/static.service
exit ${{APT_EXIT:-0}}
"""
SYSTEMCTL = """#!/bin/sh
case "$*" in
  "is-enabled static.service") echo static ;;
  is-enabled*) echo enabled ;;
  *) echo "$@" >>"$SAID/asked" ;;
esac
"""


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.said = pathlib.Path(folder.name)
        for name, text in (("apt-get", APT_GET), ("systemctl", SYSTEMCTL)):
            (self.said / name).write_text(text)
            (self.said / name).chmod(0o755)
        for place in (POLICY.parent, UNITS):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)
            self.addCleanup(subprocess.run, ["/usr/bin/umount", place], check=True)
        (UNITS / "ssh.service").touch()

    def install(self, **environment):
        return subprocess.run(
            [ROOT / "hack/setup/install.sh", "nginx-light"], capture_output=True, text=True,
            env={"PATH": f"{self.said}:/usr/bin:/bin", "SAID": str(self.said), **environment})

    def asked_of_systemctl(self):
        return (self.said / "asked").read_text()

    def test_a_service_is_not_started_and_not_enabled(self):
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.said / "policy").read_text(), "101\n")
        self.assertRegex(self.asked_of_systemctl(), r"^disable --quiet (--now )?nginx.service\n$")
        self.assertIn("systemctl enable --now nginx.service", done.stdout)
        self.assertFalse(POLICY.exists())

    def test_the_machines_own_rule_stays(self):
        POLICY.write_text(OWN_RULE)
        POLICY.chmod(0o755)
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual((self.said / "policy").read_text(), "0\n")
        self.assertEqual(POLICY.read_text(), OWN_RULE)
        self.assertIn("nginx.service", self.asked_of_systemctl())

    def test_what_a_killed_run_left_is_taken_away(self):
        # As a run leaves it that is killed while apt-get works.
        (self.said / "apt-get").write_text(f'#!/bin/sh\ncp {POLICY} "$SAID/left"\n')
        self.install()
        POLICY.write_text((self.said / "left").read_text())
        self.assertEqual(self.install().returncode, 0)
        self.assertFalse(POLICY.exists())

    def test_a_failure_is_handed_on_and_nothing_is_left_enabled(self):
        self.assertEqual(self.install(APT_EXIT="100").returncode, 100)
        self.assertIn("nginx.service", self.asked_of_systemctl())
        self.assertFalse(POLICY.exists())

    def test_it_works_without_systemd(self):
        (self.said / "systemctl").unlink()
        # No systemctl on PATH: what the script needs besides, linked.
        for name in ("bash", "sh", "env", "find", "sort", "grep", "chmod", "rm", "touch", "comm", "cat", "mount"):
            os.symlink(f"/usr/bin/{name}", self.said / name)
        done = self.install(PATH=str(self.said))
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
