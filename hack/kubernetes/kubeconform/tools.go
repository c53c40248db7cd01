//go:build tools

// Package tools names the command that hack/kubernetes.sh builds, so that
// go.mod and go.sum pin everything it needs.
package tools

import _ "github.com/yannh/kubeconform/cmd/kubeconform"
