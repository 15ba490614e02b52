// Package sidecarv1 is the generated client and server code of the data node's API (paper section 10.4), made by
// scripts/protogen from proto/ipdm/sidecar/v1.
package sidecarv1
