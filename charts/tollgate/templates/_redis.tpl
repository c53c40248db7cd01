{{- /* (dict "store" "limits" "values" .Values.redis.limits). The password is in a file of its own, from a Secret. */}}
{{- define "tollgate.redisConfig" -}}
include /etc/redis-password/auth.conf
port 6379
dir /data
# No snapshots of memory.
save ""
maxmemory {{ .values.maxMemory }}
{{- if eq .store "limits" }}
# What is counted must not be forgotten: neither for want of room nor, but for the last second, in a crash.
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
{{- else }}
maxmemory-policy allkeys-lfu
appendonly no
{{- end }}
{{- end }}
