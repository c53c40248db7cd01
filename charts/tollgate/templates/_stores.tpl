{{- /* Whether the chart's own Redis is made: (dict "root" $ "store" "limits"). Empty: it is not. */}}
{{- define "tollgate.bundled" -}}
{{- $values := .root.Values -}}
{{- if and (get $values.redis .store).enabled (not (get $values .store).store) -}}yes{{- end -}}
{{- end }}

{{- define "tollgate.redisName" -}}
{{ include "tollgate.fullname" .root }}-redis-{{ .store }}
{{- end }}

{{- /* The Secret with the password of the chart's own Redis. */}}
{{- define "tollgate.redisSecret" -}}
{{- (get .root.Values.redis .store).existingSecret | default (include "tollgate.redisName" .) -}}
{{- end }}

{{- /* Address of a store for the proxies. Empty: each has its own. */}}
{{- define "tollgate.storeAddress" -}}
{{- if include "tollgate.bundled" . -}}
redis://{{ include "tollgate.redisName" . }}:6379
{{- else -}}
{{- (get .root.Values .store).store -}}
{{- end -}}
{{- end }}

{{- /* Secret and entry of a store's password, with a slash between them. Empty: it has none. */}}
{{- define "tollgate.storePassword" -}}
{{- $own := (get .root.Values .store).passwordSecret -}}
{{- if include "tollgate.bundled" . -}}
{{ include "tollgate.redisSecret" . }}/password
{{- else if $own.name -}}
{{ $own.name }}/{{ $own.key }}
{{- end -}}
{{- end }}
