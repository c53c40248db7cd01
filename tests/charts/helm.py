"""What helm makes of the charts, as objects. Needs helm on PATH, which `hack/kubernetes.sh exec` sees to.

The standard library reads no YAML, but helm does: what it rendered goes through it once more, as JSON.
"""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/tollgate"
CRDS_CHART = ROOT / "charts/tollgate-crds"
VALUES = sorted((pathlib.Path(__file__).parent / "values").glob("*.yaml"))
RELEASE, SPACE = "tollgate", "gateway"

# helm believes in a version of its own where it asks no cluster.
KUBE_VERSION = re.search(r"k8s.io/kubernetes v(\S+)", (ROOT / "hack/kubernetes/kubernetes/go.mod").read_text())[1]

TO_JSON = """{{- range regexSplit "(?m)^---$" (.Files.Get "documents") -1 }}
{{- with fromYaml . }}
---
{{ toJson . }}
{{- end }}
{{- end }}
"""


class Refused(Exception):
    """helm said no; the text is what it said."""


def run(*arguments, given=""):
    """helm's standard output. `given` is its standard input."""
    if shutil.which("helm") is None:
        raise Refused("helm is not on PATH; run hack/kubernetes.sh build --node, then this by tests/cluster/run.sh")
    done = subprocess.run(["helm", *map(str, arguments)], input=given, capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(done.stderr)
    return done.stdout


def render(values=None, *, release=RELEASE, space=SPACE, chart=CHART):
    """The YAML of all objects. `values` is a file, or a dictionary."""
    arguments = ["template", release, chart, "--namespace", space, "--kube-version", KUBE_VERSION]
    if isinstance(values, pathlib.Path):
        return run(*arguments, "--values", values)
    return run(*arguments, "--values", "-", given=json.dumps(values or {}))


def objects(documents):
    """YAML documents as dictionaries."""
    with tempfile.TemporaryDirectory() as folder:
        chart = pathlib.Path(folder)
        (chart / "templates").mkdir()
        (chart / "Chart.yaml").write_text("{apiVersion: v2, name: to-json, version: 0.0.0}")
        (chart / "templates/all.yaml").write_text(TO_JSON)
        (chart / "documents").write_text(documents)
        lines = run("template", "to-json", chart).splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    for item in found:
        assert "Error" not in item, item
    return found


class Rendered:
    """The objects of one rendering."""

    def __init__(self, values=None, **more):
        self.all = objects(render(values, **more))

    def of(self, *kinds):
        return [item for item in self.all if item["kind"] in kinds]

    def one(self, kind, name):
        [item] = [item for item in self.of(kind) if item["metadata"]["name"] == name]
        return item

    def names(self, kind):
        return sorted(item["metadata"]["name"] for item in self.of(kind))

    def workloads(self):
        return self.of("Deployment", "StatefulSet")

    def containers(self):
        return [container for item in self.workloads() for container in pod_of(item)["containers"]]


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def component_of(item):
    return item["metadata"]["labels"]["app.kubernetes.io/component"]
