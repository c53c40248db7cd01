"""The charts on a real API server: it takes what they make, and its RBAC says what the accounts may do.

No kubelet runs here, so nothing starts but the controller, which the test itself starts with its account's token.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import helm
import kube
import schemas

PROGRAMS = pathlib.Path(os.environ.get("TOLLGATE_PROGRAMS", helm.ROOT / "build/release/bin"))
VALUES = pathlib.Path(__file__).parent / "values"
CONTROLLER, PROXY = "gateway:tollgate-controller", "gateway:tollgate-proxy"
ADDRESS = "10.250.0.10"

WATCHED = {f"{verb} {kind}" for kind in ("gatewayroutes", "apiplans") for verb in ("get", "list", "watch")} | {
    f"{verb} {kind}" for kind in ("services", "configmaps", "endpointslices") for verb in ("list", "watch")} | {
    "patch gatewayroutes/status", "patch apiplans/status"}
SECRETS = {"list secrets", "watch secrets"}
OWN = {"create secrets", "list endpointslices", "watch endpointslices"} | {
    f"{verb} secrets:tollgate-push-ca,tollgate-push-client" for verb in ("get", "patch")}


def setUpModule():
    kube.make_namespaces("gateway", "market", "other", "second")
    # Kept whatever is uninstalled, as on a user's cluster.
    helm.run("install", "crds", helm.CRDS_CHART, "--namespace", "second")
    kube.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")


def install(values, *more, release=helm.RELEASE, space=helm.SPACE):
    helm.run("upgrade", "--install", release, helm.CHART, "--namespace", space, "--values", VALUES / values,
             "--set", "crds.install=false,crds.aggregateRoles=false", *more)


def uninstall(release=helm.RELEASE, space=helm.SPACE):
    helm.run("uninstall", release, "--namespace", space)


class Kinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        schemas.write(json.loads(kube.kubectl("get", "--raw", "/openapi/v2")), cls.folder.name)

    def conforms(self, documents):
        location = self.folder.name + "/{{.ResourceKind}}{{.KindSuffix}}.json"
        done = subprocess.run(["kubeconform", "-strict", "-schema-location", location, "-"], input=documents,
                              capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def test_every_set_of_values_makes_objects_by_their_schemas(self):
        for values in helm.VALUES:
            with self.subTest(values.name):
                self.assertEqual(self.conforms(helm.render(values)), (True, ""))

    def test_a_misspelt_field_is_seen(self):
        documents = helm.render().replace("enableServiceLinks", "enableServiceLink")
        self.assertFalse(self.conforms(documents)[0])

    def test_the_api_server_takes_every_set_of_values_without_a_warning(self):
        for values in helm.VALUES:
            with self.subTest(values.name):
                kube.kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict",
                             "--warnings-as-errors", "-f", "-", given=helm.render(values))


class Rights(unittest.TestCase):
    def tearDown(self):
        uninstall()

    def assert_rights(self, account, wanted):
        for space, rights in wanted.items():
            with self.subTest(account=account, space=space):
                self.assertEqual(kube.rights(account, space), rights)

    def test_a_namespaced_install_reaches_the_namespaces_named(self):
        install("namespaced.yaml")
        self.assert_rights(CONTROLLER, {"gateway": OWN | WATCHED, "market": WATCHED | SECRETS, "other": WATCHED,
                                        "second": set(), "kube-system": set()})

    def test_without_values_it_reaches_its_own_namespace(self):
        install("default.yaml")
        self.assert_rights(CONTROLLER, {"gateway": OWN | WATCHED | SECRETS, "market": set(), "kube-system": set()})

    def test_the_whole_cluster_is_opened_on_request(self):
        install("whole-cluster.yaml")
        self.assert_rights(CONTROLLER, {"gateway": OWN | WATCHED | SECRETS, "kube-system": WATCHED | SECRETS})

    def test_proxies_may_do_nothing(self):
        install("whole-cluster.yaml")
        self.assert_rights(PROXY, {"gateway": set(), "market": set()})

    def test_the_controller_can_work_with_them(self):
        install("namespaced.yaml")
        with Controller() as controller:
            controller.await_ready()
            for secret in ("tollgate-push-ca", "tollgate-push-client"):
                kube.get("secret", "-n", helm.SPACE, secret)
            route = {"apiVersion": "tollgate.dev/v1alpha1", "kind": "GatewayRoute",
                     "metadata": {"name": "hello", "namespace": "market"},
                     "spec": {"hosts": ["hello.example.com"], "access": "Public", "rules": [{
                         "name": "all", "matches": [{"path": {"type": "Prefix", "value": "/"}}],
                         "upstream": {"targets": [{"type": "Service", "serviceRef": {"name": "no", "port": 80}}]}}]}}
            kube.kubectl("apply", "-f", "-", given=route)
            kube.kubectl("wait", "--for=condition=Accepted", "--timeout=30s", "-n", "market", "gatewayroute/hello")
            self.assertNotIn("Forbidden", controller.said())
            self.assertNotIn("forbidden", controller.said())


class Controller:
    """tollgate-controller with the flags of its Deployment and the token of its account."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        workload = kube.get("deployment", "-n", helm.SPACE, "tollgate-controller")
        flags = helm.pod_of(workload)["containers"][0]["args"]
        self.log = pathlib.Path(self.folder.name) / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "tollgate-controller", *flags, f"--kubeconfig={self.kubeconfig()}",
                 f"--push-address={ADDRESS}:9443", f"--metrics-address={ADDRESS}:9090"], stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.folder.cleanup()

    def kubeconfig(self):
        config = json.loads(kube.kubectl("config", "view", "--raw", "-o", "json"))
        token = kube.kubectl("create", "token", "-n", helm.SPACE, "tollgate-controller").strip()
        config["users"][0]["user"] = {"token": token}
        config["contexts"][0]["context"]["namespace"] = helm.SPACE
        file = pathlib.Path(self.folder.name) / "kubeconfig"
        file.write_text(json.dumps(config))
        return file

    def await_ready(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://{ADDRESS}:9090/readyz", timeout=5)
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise AssertionError(f"the controller is not ready: {self.said()}")

    def said(self):
        return self.log.read_text()


class Releases(unittest.TestCase):
    def passwords(self):
        return [kube.get("secret", "-n", helm.SPACE, f"tollgate-redis-{store}")["data"]
                for store in ("limits", "cache")]

    def test_an_upgrade_keeps_the_passwords(self):
        install("default.yaml")
        self.addCleanup(uninstall)
        before = self.passwords()
        install("default.yaml", "--set", "proxy.replicas=3")
        self.assertTrue(self.passwords() == before, "they differ")
        self.assertEqual(kube.get("deployment", "-n", helm.SPACE, "tollgate-proxy")["spec"]["replicas"], 3)

    def test_a_second_release_stands_beside_the_first(self):
        install("whole-cluster.yaml")
        install("second.yaml", release="second")
        install("whole-cluster.yaml", space="second")
        for release, space in ((helm.RELEASE, helm.SPACE), ("second", helm.SPACE), (helm.RELEASE, "second")):
            uninstall(release, space)

    def test_the_route_of_the_notes_is_taken(self):
        for values in ("default.yaml", "second.yaml"):
            install(values)
            notes = helm.run("get", "notes", helm.RELEASE, "--namespace", helm.SPACE)
            uninstall()
            manifest = notes.partition("<<'YAML'\n")[2].partition("\nYAML\n")[0]
            kube.kubectl("apply", "--dry-run=server", "-f", "-", given=manifest)

    def test_an_uninstall_keeps_routes_and_plans(self):
        uninstall("crds", "second")
        left = [item for item in kube.get("crd")["items"] if "deletionTimestamp" not in item["metadata"]]
        self.assertEqual(len(left), 2)
        # The same release takes them back.
        helm.run("install", "crds", helm.CRDS_CHART, "--namespace", "second")


if __name__ == "__main__":
    unittest.main()
