"""The cluster that this runs in, as its administrator sees it: kubectl and helm are on PATH, pods and Services are
reached directly (tests/cluster/run.sh --node sees to both)."""

import http.client
import json
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
SYSTEM = "tollgate-system"
DEADLINE_SECONDS = 60


def say(text):
    print(f"[{time.monotonic() - say.began:6.1f} s] {text}", flush=True)


say.began = time.monotonic()


def run(*command, seconds=120):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds, cwd=ROOT)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def kubectl(*words, **options):
    return run("kubectl", *words, **options)


def objects(*words):
    return json.loads(kubectl("get", *words, "-o", "json"))["items"]


def eventually(holds, what, seconds=DEADLINE_SECONDS):
    """The first true value that `holds` returns; by a false one, or an AssertionError, it says that it is too early."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            last = holds()
            if last:
                return last
        except (AssertionError, OSError, http.client.HTTPException) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s; last: {last}")
        time.sleep(0.2)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.body = response.read().decode(errors="replace")
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def __getitem__(self, name):
        return self.headers.get(name.lower(), "")


def ask(address, path, key=None, port=80):
    headers = {"Host": "api.example.com", **({"X-Api-Key": key} if key else {})}
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def service_address(name="tollgate-proxy", namespace=SYSTEM):
    return kubectl("get", "service", name, "-n", namespace, "-o", "jsonpath={.spec.clusterIP}")


def pods(component):
    """Name to address of the pods of a part of Tollgate, those that are ending included."""
    found = objects("pods", "-n", SYSTEM, "-l", f"app.kubernetes.io/component={component}")
    return {pod["metadata"]["name"]: pod["status"].get("podIP") for pod in found}


def all_objects():
    """Every object of the cluster as "Kind namespace/name", but for what is recorded rather than wanted."""
    kinds = set(kubectl("api-resources", "--verbs=list", "-o", "name").split())
    kinds -= {"componentstatuses", "events", "events.events.k8s.io"}
    line = '{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'
    found = set(kubectl("get", ",".join(sorted(kinds)), "-A", "-o", f"jsonpath={line}").splitlines())
    # The kubelet's sign of life, which comes some seconds after its node.
    return {each for each in found if not each.startswith("Lease kube-node-lease/")}
