{{- /* What all names begin with. Not shortened in silence: two long releases could become one. */}}
{{- define "tollgate.fullname" -}}
{{- .Values.fullnameOverride | default (.Release.Name | replace "." "-") -}}
{{- end }}

{{- define "tollgate.installation" -}}
{{- .Values.controller.installation | default (.Release.Name | replace "." "-") -}}
{{- end }}

{{- /* What never changes of a component: (dict "root" $ "component" "proxy"). */}}
{{- define "tollgate.selector" -}}
app.kubernetes.io/name: tollgate
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- /* Labels of an object: (dict "root" $ "component" "proxy"). */}}
{{- define "tollgate.labels" -}}
{{ include "tollgate.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tollgate
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* An image of ours: (dict "root" $ "name" "tollgate-proxy" "whole" .Values.proxy.image). */}}
{{- define "tollgate.image" -}}
{{- $image := .root.Values.image -}}
{{- .whole | default (printf "%s/%s:%s" $image.registry .name ($image.tag | default .root.Chart.AppVersion)) -}}
{{- end }}

{{- define "tollgate.redisImage" -}}
{{- $redis := .Values.redis -}}
{{- $redis.image | default (printf "%s/tollgate-redis:%s" .Values.image.registry $redis.tag) -}}
{{- end }}

{{- /* Whole seconds, rounded up, of durations such as "1m30s": (list "5s" "30s"). */}}
{{- define "tollgate.seconds" -}}
{{- $units := dict "h" 3600000 "m" 60000 "s" 1000 "ms" 1 -}}
{{- $sum := 0 -}}
{{- range $part := regexFindAll "[0-9]+(ms|h|m|s)" (join "" .) -1 -}}
{{- $count := regexFind "[0-9]+" $part | atoi -}}
{{- $sum = add $sum (mul $count (get $units (regexFind "[a-z]+" $part))) -}}
{{- end -}}
{{- div (add $sum 999) 1000 -}}
{{- end }}
