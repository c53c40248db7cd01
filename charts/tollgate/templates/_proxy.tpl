{{- define "tollgate.proxyArgs" -}}
{{- $values := .Values.proxy -}}
- --installation={{ include "tollgate.installation" . }}
- --controller=dns:///{{ include "tollgate.fullname" . }}-controller-push:9443
- --tls-ca=/etc/tollgate/push/ca.crt
- --tls-cert=/etc/tollgate/push/tls.crt
- --tls-key=/etc/tollgate/push/tls.key
- --state-dir=/var/lib/tollgate
- {{ printf "--access-log=%s" $values.accessLog | quote }}
- --drain-grace={{ $values.drainGrace }}
- --drain-timeout={{ $values.drainTimeout }}
- --admin-address=127.0.0.1:9091
{{- if $values.proxyProtocol }}
- --proxy-protocol
{{- end }}
{{- with $values.threads }}
- --threads={{ . }}
{{- end }}
{{- range $store := list "limits" "cache" }}
{{- $of := dict "root" $ "store" $store }}
{{- with include "tollgate.storeAddress" $of }}
- {{ printf "--%s-store=%s" $store . | quote }}
{{- end }}
{{- if include "tollgate.storePassword" $of }}
- --{{ $store }}-password-file=/etc/tollgate/{{ $store }}/password
{{- end }}
{{- end }}
{{- with $values.trustedHops }}
- --trusted-hops={{ . }}
{{- end }}
{{- with $values.dnsServers }}
- {{ printf "--dns-servers=%s" (join "," .) | quote }}
{{- end }}
{{- with $values.externalCIDRs }}
- {{ printf "--external-cidrs=%s" (join "," .) | quote }}
{{- end }}
{{- with $values.traces.endpoint }}
- {{ printf "--trace-endpoint=%s" . | quote }}
{{- end }}
{{- with $values.traces.ratio }}
- --trace-ratio={{ . }}
{{- end }}
{{- with $values.storeDeadline }}
- --store-deadline={{ . }}
{{- end }}
{{- with $values.storeSlowAfter }}
- --store-slow-after={{ . }}
{{- end }}
{{- with $values.cacheDeadline }}
- --cache-deadline={{ . }}
{{- end }}
{{- range $values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- /* Pods of one version are spread among themselves, so that a rolling update ends as even as it began. */}}
{{- define "tollgate.spread" -}}
{{- with .Values.proxy.topologySpreadConstraints }}
{{- toYaml . }}
{{- else }}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "tollgate.selector" (dict "root" $ "component" "proxy") | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
