"""What may be said to the charts: every value is described, every mistake is refused with a sentence."""

import json
import re
import unittest

import helm

SCHEMA = json.loads((helm.CHART / "values.schema.json").read_text())


def resolved(schema):
    """A schema with what its $ref names; draft 7 lets nothing else count beside a $ref."""
    while "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def walk(schema, path=""):
    """(path, schema) of every value, depth first."""
    for name, value in resolved(schema).get("properties", {}).items():
        yield f"{path}{name}", value
        yield from walk(value, f"{path}{name}.")


def leaves(values, path=""):
    """Paths of the values that stand in values.yaml; an empty mapping is a value."""
    for name, value in values.items():
        if isinstance(value, dict) and value and name != "resources":
            yield from leaves(value, f"{path}{name}.")
        else:
            yield path + name


# What is wrong, and a part of the sentence that says so.
MISTAKES = [
    ({"proxies": {"replicas": 2}}, "'proxies' not allowed"),
    ({"proxy": {"replicas": "two"}}, "'/proxy/replicas'"),
    ({"proxy": {"drainGrace": "5"}}, "'/proxy/drainGrace'"),
    ({"proxy": {"threads": 1025}}, "'/proxy/threads'"),
    ({"proxy": {"traces": {"endpoint": "collector:4318"}}}, "'/proxy/traces/endpoint'"),
    ({"proxy": {"traces": {"endpoint": "http://name:password@collector"}}}, "'/proxy/traces/endpoint'"),
    ({"proxy": {"traces": {"ratio": "10%"}}}, "'/proxy/traces/ratio'"),
    ({"proxy": {"service": {"type": "Ingress"}}}, "'/proxy/service/type'"),
    ({"proxy": {"podDisruptionBudget": {"maxUnavailable": 0}}}, "'/proxy/podDisruptionBudget/maxUnavailable'"),
    ({"proxy": {"podLabels": {"app.kubernetes.io/component": "x"}}}, "'/proxy/podLabels/app.kubernetes.io~1component'"),
    ({"image": {"pullPolicy": "Sometimes"}}, "'/image/pullPolicy'"),
    ({"controller": {"installation": "Not_A_Name"}}, "'/controller/installation'"),
    ({"controller": {"namespaces": ["Market"]}}, "'/controller/namespaces/0'"),
    ({"controller": {"extraArgs": ["quiet-cap=1s"]}}, "'/controller/extraArgs/0'"),
    ({"limits": {"store": "redis.data:6379"}}, "limits.store is no store"),
    ({"limits": {"store": "rediss://:hunter2/@redis:6379"}}, "limits.passwordSecret.name"),
    ({"redis": {"cache": {"persistence": {"enabled": True}}}}, "'persistence' not allowed"),
    ({"redis": {"limits": {"maxMemory": "256Mi"}}}, "'/redis/limits/maxMemory'"),
    ({"crds": {"keep": False}}, "'keep' not allowed"),
    ({"crds": {"install": False, "aggregateRoles": True}}, "in the release of the chart tollgate-crds"),
    ({"controller": {"replicas": 2}}, "there is no election of a leader yet"),
    ({"controller": {"namespaces": ["*"]}}, "may read Secrets"),
    ({"controller": {"secretNamespaces": ["market"]}}, "plans there are not watched"),
    ({"limits": {"store": "redis://:hunter2@redis:6379"}}, "limits.passwordSecret.name"),
    ({"cache": {"store": "redis://a:hunter2@redis:6379"}}, "cache.passwordSecret.name"),
    ({"limits": {"store": "redis://a@redis:6379"}}, "a user without a password"),
    ({"cache": {"passwordSecret": {"name": "login"}}}, "redis.cache.existingSecret"),
]


def needed_by_the_example():
    """The minor version since when Kubernetes takes examples/quickstart/."""
    upstream = (helm.ROOT / "examples/quickstart/upstream.yaml").read_text()
    return 30 if "preStop: {sleep:" in upstream else 29


class Values(unittest.TestCase):
    def test_every_set_of_values_is_clean_by_lint(self):
        for values in helm.VALUES:
            with self.subTest(values.name):
                helm.run("lint", "--strict", "--kube-version", helm.KUBE_VERSION, "--values", values, helm.CHART)
        helm.run("lint", "--strict", "--kube-version", helm.KUBE_VERSION, helm.CRDS_CHART)

    def test_a_mistake_is_refused_with_a_sentence_that_names_it(self):
        for values, sentence in MISTAKES:
            with self.subTest(values):
                with self.assertRaises(helm.Refused) as refused:
                    helm.render(values)
                self.assertIn(sentence, str(refused.exception))
                self.assertNotIn("hunter2", str(refused.exception))

    def test_a_kubernetes_that_is_too_old_is_refused(self):
        document = (helm.ROOT / "docs/install.md").read_text()
        for chart in (helm.CHART, helm.CRDS_CHART):
            with self.subTest(chart.name):
                [about] = helm.objects("kind: Chart\n" + (chart / "Chart.yaml").read_text())
                oldest = re.fullmatch(r">=(1\.(\d+))\.0-0", about["kubeVersion"])
                helm.run("template", "a", chart, "--kube-version", f"{oldest[1]}.0")
                with self.assertRaisesRegex(helm.Refused, "incompatible with Kubernetes"):
                    helm.run("template", "a", chart, "--kube-version", f"1.{int(oldest[2]) - 1}.15")
                self.assertIn(f"need Kubernetes {oldest[1]} or newer", document)
                self.assertGreaterEqual(int(oldest[2]), needed_by_the_example())

    def test_a_name_that_kubernetes_would_not_take_is_refused(self):
        helm.render(release="a" * 39)
        for release in ("a" * 40, "2nd"):
            with self.assertRaisesRegex(helm.Refused, "set fullnameOverride"):
                helm.render(release=release)

    def test_every_value_is_described_and_nothing_else_is_let_in(self):
        for path, schema in walk(SCHEMA):
            with self.subTest(path):
                self.assertTrue(schema.get("description"), "no description")
                found = resolved(schema)
                if found.get("type") == "object" and "properties" in found:
                    self.assertIs(found.get("additionalProperties"), False)
        self.assertIs(SCHEMA["additionalProperties"], False)

    def test_values_and_schema_and_document_speak_of_the_same(self):
        [defaults] = helm.objects(helm.run("show", "values", helm.CHART))
        in_values = set(leaves(defaults))
        # What a value is made of in Kubernetes' own terms, and what Helm adds, is not the chart's to list.
        foreign = re.compile(r"(^|\.)(global|resources\..*|affinity\..*)$")
        in_schema = [path for path, schema in walk(SCHEMA) if not foreign.search(path)]
        in_schema = {path for path in in_schema if not any(other.startswith(path + ".") for other in in_schema)}
        self.assertEqual(in_values, in_schema)
        document = (helm.ROOT / "docs/install.md").read_text()
        # What every part has is said once.
        shared = re.compile(r"^(controller|proxy|redis\.limits|redis\.cache)(?=\.[A-Za-z]+$)")
        for path in in_values:
            in_document = f"`{path}`" in document or f"`{shared.sub('…', path)}`" in document
            self.assertTrue(in_document, f"docs/install.md does not name {path}")

    def test_it_can_be_a_part_of_another_chart(self):
        helm.render({"global": {"anything": 1}, "crds": {"global": {"anything": 1}}})


if __name__ == "__main__":
    unittest.main()
