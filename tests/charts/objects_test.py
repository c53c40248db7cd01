"""What is made: names that others rely on, parts that fit together, and nothing secret where it can be read."""

import base64
import json
import os
import pathlib
import re
import subprocess
import unittest

import helm
from helm import Rendered, component_of, pod_of

PROGRAMS = pathlib.Path(os.environ.get("TOLLGATE_PROGRAMS", helm.ROOT / "build/release/bin"))


def arguments(workload):
    return pod_of(workload)["containers"][0]["args"]


class Objects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.default = Rendered()
        cls.sets = {values.name: Rendered(values) for values in helm.VALUES}

    def test_names_are_the_release_and_the_part(self):
        self.assertEqual(self.default.names("Service"), ["tollgate-controller-push", "tollgate-proxy",
                                                         "tollgate-redis-cache", "tollgate-redis-limits"])
        self.assertEqual(self.default.names("Deployment"), ["tollgate-controller", "tollgate-proxy"])
        self.assertEqual(Rendered(release="edge.eu").names("Deployment"), ["edge-eu-controller", "edge-eu-proxy"])

    def test_names_that_look_like_numbers_stay_names(self):
        values = {"fullnameOverride": "edge", "controller": {"namespaces": ["1"]}, "image": {"pullSecrets": ["2"]},
                  "redis": {"limits": {"existingSecret": "3"}}}
        rendered = Rendered(values, release="4", space="5")
        self.assertEqual({item["metadata"]["namespace"] for item in rendered.of("Role")}, {"1", "5"})
        for workload in rendered.workloads():
            labels = workload["spec"]["template"]["metadata"]["labels"]
            self.assertEqual(labels["app.kubernetes.io/instance"], "4")
            self.assertEqual(pod_of(workload)["imagePullSecrets"], [{"name": "2"}])
        redis = pod_of(rendered.one("StatefulSet", "edge-redis-limits"))
        self.assertIn("3", [volume.get("secret", {}).get("secretName") for volume in redis["volumes"]])

    def test_two_releases_share_no_object(self):
        def keys(rendered):
            return {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"])
                    for item in rendered.all}
        second = Rendered(helm.ROOT / "tests/charts/values/second.yaml")
        self.assertEqual(keys(self.default) & keys(second), set())
        # Nor do two of the same name in different namespaces, where they watch the same one.
        watching = {"crds": {"install": False}, "controller": {"namespaces": ["market"]}}
        here, there = Rendered(watching, space="here"), Rendered(watching, space="there")
        self.assertEqual(keys(here) & keys(there), set())

    def test_selectors_find_their_pods_and_ports_exist(self):
        for name, rendered in self.sets.items():
            pods = [item["spec"]["template"] for item in rendered.workloads()]
            for service in rendered.of("Service"):
                with self.subTest(name, service=service["metadata"]["name"]):
                    [pod] = [pod for pod in pods
                             if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()]
                    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
                    self.assertLessEqual({port["targetPort"] for port in service["spec"]["ports"]}, ports)
            for workload in rendered.workloads():
                labels = workload["spec"]["template"]["metadata"]["labels"]
                self.assertLessEqual(workload["spec"]["selector"]["matchLabels"].items(), labels.items())

    def test_the_proxies_service_leads_to_both_listeners(self):
        service = {"type": "NodePort", "port": 81, "httpsPort": 444, "nodePort": 30080, "httpsNodePort": 30443}
        rendered = Rendered({"proxy": {"service": service}})
        [found] = [each for each in rendered.of("Service") if each["metadata"]["name"].endswith("-proxy")]
        self.assertEqual(found["spec"]["ports"], [
            {"name": "http", "port": 81, "targetPort": "http", "nodePort": 30080},
            {"name": "https", "port": 444, "targetPort": "https", "nodePort": 30443}])

    def test_a_service_monitor_finds_both_metrics_services(self):
        rendered = Rendered({"metrics": {"serviceMonitor": {"enabled": True, "labels": {"prometheus": "main"}}}})
        monitor = rendered.one("ServiceMonitor", "tollgate")
        self.assertEqual(monitor["metadata"]["labels"]["prometheus"], "main")
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        found = [service for service in rendered.of("Service")
                 if wanted <= service["metadata"]["labels"].items()
                 and "metrics" in [port["name"] for port in service["spec"]["ports"]]]
        self.assertEqual(sorted(component_of(service) for service in found), ["controller", "proxy"])

    def test_the_crds_are_those_of_the_project_and_are_kept(self):
        for file in (helm.ROOT / "crds").glob("*.yaml"):
            [source] = helm.objects(file.read_text())
            made = self.default.one("CustomResourceDefinition", source["metadata"]["name"])
            self.assertTrue(made["spec"] == source["spec"], file.name)
            self.assertEqual(made["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        self.assertEqual(len(self.default.of("CustomResourceDefinition")), 2)
        self.assertEqual(self.sets["second.yaml"].of("CustomResourceDefinition"), [])
        self.assertEqual(len(Rendered(chart=helm.CRDS_CHART).of("CustomResourceDefinition")), 2)

    def test_versions_are_the_projects(self):
        version = re.search(r"project\(tollgate VERSION (\S+)", (helm.ROOT / "CMakeLists.txt").read_text())[1]
        for chart in (helm.CHART, helm.CRDS_CHART):
            [about] = helm.objects(helm.run("show", "chart", chart))
            self.assertEqual((about["version"], about["appVersion"]), (version, version))
            for part in about.get("dependencies", []):
                self.assertEqual(part["version"], version)
        redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
        redis = re.search(r" v=(\S+)", redis)[1]
        self.assertEqual(sorted({container["image"] for container in self.default.containers()}),
                         [f"localhost/tollgate-controller:{version}", f"localhost/tollgate-proxy:{version}",
                          f"localhost/tollgate-redis:{redis}"])

    def test_a_proxy_has_the_time_that_its_drain_takes(self):
        for grace, timeout, deadline in [("5s", "30s", 40), ("0s", "1m30s", 95), ("500ms", "08s", 14)]:
            values = {"proxy": {"drainGrace": grace, "drainTimeout": timeout}}
            proxy = Rendered(values).one("Deployment", "tollgate-proxy")
            self.assertEqual(pod_of(proxy)["terminationGracePeriodSeconds"], deadline)
            self.assertIn(f"--drain-grace={grace}", arguments(proxy))

    def test_a_proxys_operators_reach_it_from_its_own_network_alone(self):
        proxy = Rendered().one("Deployment", "tollgate-proxy")
        self.assertIn("--admin-address=127.0.0.1:9091", arguments(proxy))
        ports = [port["containerPort"] for port in pod_of(proxy)["containers"][0]["ports"]]
        self.assertNotIn(9091, ports)

    def test_a_proxy_is_told_how_long_it_may_wait_for_stores(self):
        proxy = {"storeDeadline": "40ms", "storeSlowAfter": "20ms", "cacheDeadline": "7ms"}
        told = arguments(Rendered({"proxy": proxy}).one("Deployment", "tollgate-proxy"))
        for flag in ("--store-deadline=40ms", "--store-slow-after=20ms", "--cache-deadline=7ms"):
            self.assertIn(flag, told)
        left = arguments(Rendered().one("Deployment", "tollgate-proxy"))
        self.assertFalse([flag for flag in left if "-deadline=" in flag or "slow" in flag], left)

    def test_a_proxy_expects_the_proxy_protocol_where_it_is_told_to(self):
        for wanted in (True, False):
            proxy = Rendered({"proxy": {"proxyProtocol": wanted}}).one("Deployment", "tollgate-proxy")
            self.assertEqual("--proxy-protocol" in arguments(proxy), wanted)

    def test_a_proxy_is_told_how_many_proxies_stand_in_front(self):
        told = arguments(Rendered({"proxy": {"trustedHops": 2}}).one("Deployment", "tollgate-proxy"))
        self.assertIn("--trusted-hops=2", told)

    def test_where_names_are_looked_up_and_may_lead_is_told(self):
        values = {"proxy": {"dnsServers": ["10.96.0.10", "10.96.0.11:53"], "externalCIDRs": ["10.20.0.0/16"]}}
        told = arguments(Rendered(values).one("Deployment", "tollgate-proxy"))
        self.assertIn("--dns-servers=10.96.0.10,10.96.0.11:53", told)
        self.assertIn("--external-cidrs=10.20.0.0/16", told)

    def test_a_proxy_is_told_where_spans_go(self):
        values = {"proxy": {"traces": {"endpoint": "http://collector.observability:4318", "ratio": "0.25"}}}
        told = arguments(Rendered(values).one("Deployment", "tollgate-proxy"))
        self.assertIn("--trace-endpoint=http://collector.observability:4318", told)
        self.assertIn("--trace-ratio=0.25", told)
        self.assertFalse([flag for flag in arguments(self.default.one("Deployment", "tollgate-proxy")) if "trace" in flag])

    def test_no_password_stands_anywhere_but_in_its_secret(self):
        secrets = self.default.of("Secret")
        self.assertEqual(len(secrets), 2)
        passwords = [base64.b64decode(secret["data"]["password"]).decode() for secret in secrets]
        self.assertEqual([len(password) for password in passwords], [32, 32])
        self.assertNotEqual(*passwords)
        text = json.dumps([item for item in self.default.all if item["kind"] != "Secret"])
        for password in passwords:
            self.assertNotIn(password, text)
            self.assertNotIn(base64.b64encode(password.encode()).decode(), text)

    def test_no_environment_has_a_value_of_a_secret_and_no_argument_a_login(self):
        for name, rendered in self.sets.items():
            for container in rendered.containers():
                with self.subTest(name, container=container["name"]):
                    for variable in container.get("env", []):
                        self.assertEqual(list(variable["valueFrom"]), ["resourceFieldRef"])
                    self.assertNotIn("envFrom", container)
                    self.assertFalse([argument for argument in container["args"] if "@" in argument])

    def test_passwords_of_the_users_own_stores_are_mounted_as_files(self):
        proxy = self.sets["own-stores.yaml"].one("Deployment", "tollgate-proxy")
        volumes = {volume["name"]: volume.get("secret") for volume in pod_of(proxy)["volumes"]}
        self.assertEqual(volumes["limits-password"]["secretName"], "redis-limits-login")
        self.assertEqual(volumes["limits-password"]["items"], [{"key": "redis-password", "path": "password"}])
        self.assertIn("--limits-password-file=/etc/tollgate/limits/password", arguments(proxy))
        self.assertIn("--cache-store=redis://redis-cache.data:6379", arguments(proxy))
        self.assertEqual(self.sets["own-stores.yaml"].of("StatefulSet"), [])

    def test_every_mounted_file_has_its_flag_and_volume(self):
        for name, rendered in self.sets.items():
            for workload in rendered.workloads():
                pod = pod_of(workload)
                claims = [claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])]
                mounted = sorted(mount["name"] for mount in pod["containers"][0].get("volumeMounts", []))
                with self.subTest(name, workload=workload["metadata"]["name"]):
                    self.assertEqual(mounted, sorted(claims + [volume["name"] for volume in pod.get("volumes", [])]))

    def test_proxies_have_no_token(self):
        for rendered in self.sets.values():
            for workload in rendered.workloads():
                has_token = component_of(workload) == "controller"
                self.assertIs(pod_of(workload)["automountServiceAccountToken"], has_token)
            for account in rendered.of("ServiceAccount"):
                self.assertIs(account["automountServiceAccountToken"], False)

    def test_the_programs_know_every_flag(self):
        for name, rendered in self.sets.items():
            for part in ("controller", "proxy"):
                [workload] = [item for item in rendered.of("Deployment") if component_of(item) == part]
                # Wrong, and looked at after all flags were read: so it never starts.
                command = [PROGRAMS / f"tollgate-{part}", *arguments(workload), "--metrics-address=nowhere"]
                done = subprocess.run(command, capture_output=True, text=True, timeout=60)
                with self.subTest(name, part=part):
                    self.assertIn('--metrics-address "nowhere"', done.stderr)


if __name__ == "__main__":
    unittest.main()
