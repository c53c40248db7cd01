{{- /* What the schema cannot say, or could not give the reason of. Included by checks.yaml. */}}
{{- define "tollgate.checks" -}}
{{- include "tollgate.checkNames" . -}}
{{- include "tollgate.checkScope" . -}}
{{- include "tollgate.checkCrds" . -}}
{{- range list "limits" "cache" }}
{{- include "tollgate.checkStore" (dict "root" $ "store" .) -}}
{{- end }}
{{- end }}

{{- define "tollgate.checkNames" -}}
{{- $name := include "tollgate.fullname" . -}}
{{- /* The longest name made of it is a StatefulSet's, whose pods carry it with a hash in a label of 63 characters. */}}
{{- if gt (len $name) 39 }}
{{- fail (printf "the name %q has %d characters, which leaves too few for the names made of it; set fullnameOverride to 39 at most" $name (len $name)) }}
{{- end }}
{{- if not (regexMatch "^[a-z]" $name) }}
{{- fail (printf "the name %q begins with no letter, as a Service's must; set fullnameOverride" $name) }}
{{- end }}
{{- $installation := include "tollgate.installation" . }}
{{- if gt (len $installation) 63 }}
{{- fail (printf "the installation's name %q is longer than 63 characters; set controller.installation" $installation) }}
{{- end }}
{{- if gt (int .Values.controller.replicas) 1 }}
{{- fail (printf "controller.replicas is %d, but there is no election of a leader yet: two controllers would write over one another's status; set 1 (proxies serve on while the controller is away)" (int .Values.controller.replicas)) }}
{{- end }}
{{- end }}

{{- define "tollgate.checkScope" -}}
{{- $controller := .Values.controller -}}
{{- if and (has "*" $controller.namespaces) (not $controller.secretNamespaces) }}
{{- fail "controller.namespaces is [\"*\"]; say in controller.secretNamespaces in which namespaces the controller may read Secrets: a list of names, or [\"*\"] for every Secret of the cluster" }}
{{- end }}
{{- $spaces := include "tollgate.namespaces" . | fromYamlArray }}
{{- if not (has "*" $spaces) }}
{{- range $controller.secretNamespaces }}
{{- if not (has . $spaces) }}
{{- fail (printf "controller.secretNamespaces has %q, which controller.namespaces (%s) has not: plans there are not watched, so their callers' Secrets are of no use; name it there too, or leave it out" . (join ", " $spaces)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tollgate.checkCrds" -}}
{{- if and .Values.crds.aggregateRoles (not .Values.crds.install) }}
{{- fail "crds.aggregateRoles is true, but the roles come with the CRDs, which crds.install=false leaves to somebody else; set aggregateRoles=true in the release of the chart tollgate-crds (or crds.aggregateRoles=true in the release that installs it), and leave it out here" }}
{{- end }}
{{- end }}

{{- /* Here rather than in the schema, whose sentences repeat what is wrong: it may be a password. */}}
{{- define "tollgate.checkStore" -}}
{{- $own := get .root.Values .store -}}
{{- if regexMatch "^[a-z]+://.*:.*@" $own.store }}
{{- fail (printf "%s.store carries a password, which would stand in the pods' arguments for all to read; put it into a Secret, and that Secret's name into %s.passwordSecret.name" .store .store) }}
{{- end }}
{{- if and (contains "@" $own.store) (not $own.passwordSecret.name) }}
{{- fail (printf "%s.store names a user without a password; put the password into a Secret, and that Secret's name into %s.passwordSecret.name" .store .store) }}
{{- end }}
{{- if not (regexMatch "^(|memory|redis://[^\\s/]+(/[0-9]*)?)$" $own.store) }}
{{- fail (printf "%s.store is no store that proxies can reach; write redis://HOST:PORT/DATABASE, or memory" .store) }}
{{- end }}
{{- if and $own.passwordSecret.name (not (hasPrefix "redis" $own.store)) }}
{{- fail (printf "%s.passwordSecret.name is the password's of a store of your own, and %s.store names none; for the chart's own Redis set redis.%s.existingSecret" .store .store .store) }}
{{- end }}
{{- end }}
