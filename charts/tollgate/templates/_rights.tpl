{{- /* Namespaces that the controller watches, as a YAML list; "*" beside others means all. */}}
{{- define "tollgate.namespaces" -}}
{{- $named := .Values.controller.namespaces | default (list .Release.Namespace) -}}
{{- has "*" $named | ternary (list "*") $named | toYaml -}}
{{- end }}

{{- /* Those of them whose Secrets it reads. */}}
{{- define "tollgate.secretNamespaces" -}}
{{- $named := .Values.controller.secretNamespaces | default (include "tollgate.namespaces" . | fromYamlArray) -}}
{{- has "*" $named | ternary (list "*") $named | toYaml -}}
{{- end }}

{{- /* What is compiled is read; of it, only the status is written. */}}
{{- define "tollgate.watchRules" -}}
- apiGroups: [tollgate.dev]
  resources: [gatewayroutes, apiplans]
  verbs: [get, list, watch]
- apiGroups: [tollgate.dev]
  resources: [gatewayroutes/status, apiplans/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [services, configmaps]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- end }}

{{- /* Kubernetes knows no right on Secrets of one type: the account asks for those of callers and for
certificates, and may read all. */}}
{{- define "tollgate.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch]
{{- end }}

{{- /* In the controller's own namespace; the argument is the installation. */}}
{{- define "tollgate.ownRules" -}}
# The push's certificates. Kubernetes cannot limit `create` to names.
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ . }}-push-ca, {{ . }}-push-client]
  verbs: [get, patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
# How many proxies there are.
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- end }}

{{- /* A role and its binding to the controller's account. "space" empty: of the whole cluster.
(dict "root" $ "space" "market" "name" "…" "rules" "…"). */}}
{{- define "tollgate.grant" -}}
{{- $kind := .space | empty | ternary "ClusterRole" "Role" }}
{{- $labels := include "tollgate.labels" (dict "root" .root "component" "controller") -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ .name }}
  {{- with .space }}
  namespace: {{ . | quote }}
  {{- end }}
  labels:
    {{- $labels | nindent 4 }}
rules:
{{ .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .space }}
  namespace: {{ . | quote }}
  {{- end }}
  labels:
    {{- $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ .name }}
subjects:
- kind: ServiceAccount
  name: {{ include "tollgate.fullname" .root }}-controller
  namespace: {{ .root.Release.Namespace | quote }}
{{- end }}
