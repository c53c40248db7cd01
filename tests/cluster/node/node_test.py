"""Tollgate on a real node, as a user installs it: images, helm, kubectl apply, requests, a rolling restart, uninstall.

Prints what it sees. Runs inside a node: tests/cluster/run.sh --node python3 -B tests/cluster/node/node_test.py
"""

import filecmp
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

import load
from cluster import (ROOT, SYSTEM, all_objects, ask, eventually, kubectl, objects, pods, run, say, service_address)

ALICE = "demo-free-0123456789abcdef"  # plan free
BOB = "demo-gold-0123456789abcdef"    # plan gold
IMAGES = ("controller", "proxy", "redis", "echo")
MEGABYTES = 1_000_000

folder = tempfile.TemporaryDirectory()
before = set()


def setUpModule():
    unittest.addModuleCleanup(folder.cleanup)
    for line in run("hack/images.sh", "--no-build", "--out", folder.name).splitlines():
        say(line)
    tars = [f"{folder.name}/{name}.tar" for name in IMAGES]
    for line in run("hack/kubernetes.sh", "load", *tars).splitlines():
        say(line)
    kubectl("create", "namespace", "market")
    eventually(lambda: kubectl("get", "serviceaccount", "default", "-n", "market"), "an account in a new namespace")
    before.update(all_objects())
    install()


def install():
    run("helm", "install", "tollgate", "charts/tollgate", "--namespace", SYSTEM, "--create-namespace",
        "--set", "controller.namespaces={market}", "--wait", "--timeout", "120s", seconds=150)
    say("helm install: done, and everything is ready")
    kubectl("apply", "-f", "examples/quickstart/")
    kubectl("rollout", "status", "deployment/quotes", "-n", "market", "--timeout=60s")
    kubectl("wait", "gatewayroute", "--all", "-n", "market", "--for=condition=Programmed", "--timeout=60s")
    say("kubectl apply -f examples/quickstart/: every route is programmed")


def load_tests(loader, *_):
    """The last of them takes away what the others need."""
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Images, Gateway, Uninstall)))


class Images(unittest.TestCase):
    def test_the_same_programs_give_the_same_bytes(self):
        # Both here, one after the other: a build that goes on meanwhile would give other programs.
        with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as again:
            for out in (once, again):
                run("hack/images.sh", "--no-build", "--out", out)
            for name in IMAGES:
                self.assertTrue(filecmp.cmp(f"{once}/{name}.tar", f"{again}/{name}.tar", shallow=False), name)
        say("images: written twice, the same bytes")

    def test_an_image_is_small_has_no_shell_and_is_not_of_root(self):
        for name in IMAGES:
            with self.subTest(name), tarfile.open(f"{folder.name}/{name}.tar") as tar:
                manifest = json.load(tar.extractfile("manifest.json"))[0]
                config = json.load(tar.extractfile(manifest["Config"]))
                with tarfile.open(fileobj=tar.extractfile(manifest["Layers"][0])) as layer:
                    files = [entry.name for entry in layer if entry.isfile()]
                self.assertEqual(config["config"]["User"], "65532:65532")
                self.assertLess(sum(entry.size for entry in tar), 40 * MEGABYTES)
                self.assertEqual([file for file in files if re.search(r"bin/(ba|da|)sh$", file)], [])
                # Whom the proxy trusts where a target names no authority of its own.
                authorities = ["usr/lib/ssl/cert.pem"] if name == "proxy" else []
                self.assertEqual([file for file in files if not re.search(r"/bin/|\.so[.0-9]*$", file)], authorities)


class Gateway(unittest.TestCase):
    def test_a_key_is_served_and_none_is_refused(self):
        address = service_address()
        served, refused = ask(address, "/v1/quotes/ACME", ALICE), ask(address, "/v1/quotes/ACME")
        say(f"through the Service: {served.status} with a key, {refused.status} without")
        self.assertEqual((served.status, refused.status), (200, 401), served.body + refused.body)
        self.assertEqual(json.loads(served.body)["headers"]["X-Tollgate-Consumer"], "market/alice")
        self.assertNotIn(ALICE, served.body)
        self.assertTrue(json.loads(refused.body)["type"].endswith("/no-credential"))

    def test_a_cached_answer_is_shared_by_both_proxies(self):
        first, second = self.two_proxies()
        # The first proxy tells the store in its own time, so a second that asks at once may come too early; it then
        # keeps an answer of its own, so each try is of another answer.
        tries = iter(range(1000))

        def is_shared():
            path = f"/v1/quotes/SHARED-{next(tries)}"
            made = ask(first, path, BOB, port=8080)
            found = ask(second, path, BOB, port=8080)
            self.assertEqual((made.status, found.status), (200, 200), made.body + found.body)
            self.assertNotIn("hit", made["Cache-Status"])
            return "hit" in found["Cache-Status"] and (path, made["Cache-Status"], found["Cache-Status"])

        path, made, found = eventually(is_shared, "an answer that one proxy stored is a hit in the other")
        say(f"{path}: \"{made}\" from one proxy, then \"{found}\" from the other")

    def test_both_proxies_count_in_one_store(self):
        addresses = self.two_proxies()
        left = []
        for number in range(6):
            answer = ask(addresses[number % 2], f"/v1/quotes/COUNT-{number}", BOB, port=8080)
            self.assertEqual(answer.status, 200, answer.body)
            left.append(int(re.search(r'"quota";r=(\d+)', answer["RateLimit"]).group(1)))
        say(f"credits left, asked of the proxies in turn: {left}")
        self.assertEqual(left, [left[0] - number for number in range(6)])

    def two_proxies(self):
        addresses = list(pods("proxy").values())
        self.assertEqual(len(addresses), 2)
        return addresses

    COLUMNS = {
        "gwr": ["NAME HOSTS ACCEPTED PROGRAMMED AGE", "NAME HOSTS ACCEPTED PROGRAMMED REASON AGE"],
        "aplan": ["NAME DISPLAY NAME ACCEPTED ENFORCED AGE",
                  "NAME DISPLAY NAME ACCEPTED ENFORCED CONSUMERS ROUTES REASON AGE"],
    }

    def test_every_promised_column_is_there(self):
        for kind, headers in self.COLUMNS.items():
            for wide, header in zip(([], ["-o", "wide"]), headers):
                first = kubectl("get", kind, "-n", "market", *wide).splitlines()[0]
                self.assertEqual(" ".join(first.split()), header)

    def test_every_column_is_filled_and_every_condition_holds(self):
        def is_settled():
            table = kubectl("get", "gwr,aplan", "-n", "market", "-o", "wide")
            empty = re.findall(r"<none>|<unknown>|Unknown|False", table)
            self.assertEqual(empty, [], table)
            return table

        for line in eventually(is_settled, "kubectl get gwr,aplan has all to show").splitlines():
            say(line)
        for thing in objects("gwr,aplan", "-n", "market"):
            states = {each["type"]: each["status"] for each in thing["status"]["conditions"]}
            say(f"{thing['kind']} {thing['metadata']['name']}: {', '.join(sorted(states))}")
            self.assertEqual(set(states.values()), {"True"}, states)

    def test_a_rolling_restart_under_load_fails_no_request(self):
        old = set(pods("proxy"))
        host = {"Host": "api.example.com"}
        # Bob may ask 50 times a second: these two ask 20 times, for which a key and a limit are looked at.
        keyed = load.Load(service_address(), "/v1/quotes/ACME", {**host, "X-Api-Key": BOB}, keeping=1, opening=1,
                          pause=0.1)
        with load.Load(service_address(), "/status", host) as callers, keyed:
            eventually(lambda: callers.total() > 500 and keyed.total() > 20, "the callers are under way")
            kubectl("rollout", "restart", "deployment/tollgate-proxy", "-n", SYSTEM)
            kubectl("rollout", "status", "deployment/tollgate-proxy", "-n", SYSTEM, "--timeout=120s", seconds=150)
            eventually(lambda: not old & set(pods("proxy")), "the old proxies have ended")
            reached, served = callers.total(), keyed.total()
            eventually(lambda: callers.total() > reached + 500 and keyed.total() > served + 20, "the callers go on")
        for each in (callers, keyed):
            say(f"rolling restart: {each.path}: {each.report()}")
            self.assertEqual(each.failures, [], each.report())

    def test_prometheus_sees_every_pod_and_what_the_proxies_served(self):
        watcher = subprocess.Popen([ROOT / "examples/prometheus/run.sh"], stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (watcher.terminate(), watcher.wait(30)))

        def value(query):
            answer = run("promtool", "query", "instant", "http://127.0.0.1:9090", query)
            return float(re.search(r"=> (\S+)", answer).group(1)) if "=>" in answer else 0

        eventually(lambda: value("sum(up)") == 3, "Prometheus reaches the controller and both proxies")
        asked = 'sum(tollgate_proxy_requests_total{route="market/status",code="200"})'
        ask(service_address(), "/status")
        counted = eventually(lambda: value(asked), "Prometheus has counted requests")
        say(f"Prometheus: 3 pods up, {counted:.0f} requests of the route market/status")


class Uninstall(unittest.TestCase):
    # What Kubernetes makes by itself in the namespace that `helm install --create-namespace` made.
    NAMESPACE = {f"Namespace /{SYSTEM}", f"ServiceAccount {SYSTEM}/default", f"ConfigMap {SYSTEM}/kube-root-ca.crt"}
    # An APIService is what the API server itself makes of CRDs.
    DEFINITIONS = {"CustomResourceDefinition /gatewayroutes.tollgate.dev",
                   "CustomResourceDefinition /apiplans.tollgate.dev", "APIService /v1alpha1.tollgate.dev"}

    def test_only_the_definitions_stay_and_with_them_what_users_wrote(self):
        run("helm", "uninstall", "tollgate", "--namespace", SYSTEM, "--wait", "--timeout", "120s", seconds=150)
        routes = kubectl("get", "gwr,aplan", "-n", "market", "-o", "name").split()
        self.assertEqual(len(routes), 4, routes)
        kubectl("delete", "-f", "examples/quickstart/", "--timeout=60s")

        def is_clean():
            left = all_objects() - before - self.NAMESPACE
            self.assertEqual(left, self.DEFINITIONS)
            return left

        say(f"helm uninstall left: {', '.join(sorted(eventually(is_clean, 'nothing but the CRDs is left')))}")


if __name__ == "__main__":
    began = time.monotonic()
    unittest.main(verbosity=0, exit=False).result.wasSuccessful() or sys.exit(1)
    say(f"done in {time.monotonic() - began:.0f} s")
