"""What the controller's account may do: what the values say, nothing else, and nobody else anything."""

import unittest

import helm
from helm import Rendered


def granted(rendered):
    """{(namespace, or * for the cluster, "verb resource", names)} of all that is bound."""
    return {(binding["metadata"].get("namespace", "*"), f"{verb} {resource}", tuple(rule.get("resourceNames", [])))
            for binding in rendered.of("RoleBinding", "ClusterRoleBinding")
            for rule in role_of(rendered, binding)["rules"]
            for verb in rule["verbs"] for resource in rule["resources"]}


def role_of(rendered, binding):
    """Roles of one name may stand in several namespaces."""
    wanted = binding["roleRef"]["kind"], binding["roleRef"]["name"], binding["metadata"].get("namespace")
    [role] = [role for role in rendered.of("Role", "ClusterRole")
              if (role["kind"], role["metadata"]["name"], role["metadata"].get("namespace")) == wanted]
    return role


def on_secrets(rights):
    return {right for right in rights if right[1].endswith(" secrets")}


PUSH_NAMES = ("tollgate-push-ca", "tollgate-push-client")
OWN_SECRETS = {("gateway", "create secrets", ()), ("gateway", "get secrets", PUSH_NAMES),
               ("gateway", "patch secrets", PUSH_NAMES)}


def read_in(space):
    return {(space, "list secrets", ()), (space, "watch secrets", ())}


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sets = {values.stem: Rendered(values) for values in helm.VALUES}

    def test_a_namespaced_install_needs_no_cluster_role(self):
        for name in ("default", "namespaced", "second", "own-stores"):
            self.assertEqual(self.sets[name].of("ClusterRole", "ClusterRoleBinding"), [], name)

    def test_secrets_are_read_in_the_namespaces_named_alone(self):
        self.assertEqual(on_secrets(granted(self.sets["namespaced"])), OWN_SECRETS | read_in("market"))
        self.assertEqual(on_secrets(granted(self.sets["default"])), OWN_SECRETS | read_in("gateway"))

    def test_the_whole_cluster_is_asked_for_in_each_of_both(self):
        self.assertEqual(on_secrets(granted(self.sets["whole-cluster"])), OWN_SECRETS | read_in("*"))
        partly = Rendered({"controller": {"namespaces": ["*"], "secretNamespaces": ["market"]}})
        self.assertEqual(on_secrets(granted(partly)), OWN_SECRETS | read_in("market"))
        self.assertIn(("*", "watch gatewayroutes", ()), granted(partly))

    def test_a_namespace_that_is_not_named_is_not_touched(self):
        spaces = {space for space, _, _ in granted(self.sets["namespaced"])}
        self.assertEqual(spaces, {"gateway", "market", "other"})
        self.assertEqual({space for space, _, _ in granted(self.sets["default"])}, {"gateway"})

    def test_nothing_is_written_but_status_and_the_push(self):
        for name, rendered in self.sets.items():
            writes = {right for space, right, _ in granted(rendered)
                      if right.split()[0] not in ("get", "list", "watch")}
            self.assertEqual(writes, {"patch gatewayroutes/status", "patch apiplans/status", "create secrets",
                                      "patch secrets"}, name)

    def test_only_the_controllers_account_is_bound(self):
        for name, rendered in self.sets.items():
            for binding in rendered.of("RoleBinding", "ClusterRoleBinding"):
                [subject] = binding["subjects"]
                self.assertTrue(subject["name"].endswith("-controller"), name)
                self.assertEqual((subject["kind"], subject["namespace"]), ("ServiceAccount", helm.SPACE), name)

    def test_flags_and_rights_name_the_same_namespaces(self):
        for name, rendered in self.sets.items():
            [controller] = [item for item in rendered.of("Deployment")
                            if helm.component_of(item) == "controller"]
            flags = dict(flag.split("=", 1) for flag in helm.pod_of(controller)["containers"][0]["args"])
            rights = granted(rendered)
            for flag, right in (("--namespaces", "watch gatewayroutes"), ("--secret-namespaces", "watch secrets")):
                spaces = {space for space, what, _ in rights if what == right}
                self.assertEqual(set(flags[flag].split(",")), spaces, name)

    def test_without_rbac_nothing_is_granted(self):
        rendered = Rendered({"rbac": {"create": False}})
        self.assertEqual(rendered.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), [])


if __name__ == "__main__":
    unittest.main()
