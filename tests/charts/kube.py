"""A real API server, as tests/cluster/run.sh starts one: kubectl, and what an account may do."""

import json
import subprocess


def kubectl(*arguments, given=None):
    """Standard output; `given` (text, or an object) is standard input."""
    if given is not None and not isinstance(given, str):
        given = json.dumps(given)
    done = subprocess.run(["kubectl", *map(str, arguments)], input=given, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def get(*arguments):
    return json.loads(kubectl("get", *arguments, "-o", "json"))


def make_namespaces(*names):
    """Their pods are judged by Kubernetes' strictest standard; the API server warns of what is beyond it."""
    labels = {"pod-security.kubernetes.io/warn": "restricted"}
    for name in names:
        kubectl("apply", "-f", "-", given={"apiVersion": "v1", "kind": "Namespace",
                                            "metadata": {"name": name, "labels": labels}})


def rights(account, space):
    """{"verb resource", or "verb resource/names"} that an account (namespace:name) has in a namespace: what
    `kubectl auth can-i --list` shows, without what everybody may ask about himself."""
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
              "spec": {"namespace": space}}
    who = [f"--as=system:serviceaccount:{account}", "--as-group=system:serviceaccounts",
           "--as-group=system:authenticated"]
    answer = json.loads(kubectl("create", "--validate=false", "-f", "-", "-o", "json", *who, given=review))
    found = set()
    for rule in answer["status"]["resourceRules"]:
        if set(rule["apiGroups"]) <= {"authorization.k8s.io", "authentication.k8s.io"}:
            continue
        names = ":" + ",".join(rule["resourceNames"]) if rule.get("resourceNames") else ""
        found |= {f"{verb} {resource}{names}" for verb in rule["verbs"] for resource in rule["resources"]}
    return found
