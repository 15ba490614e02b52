// Package ipdm reads signed checkpoints from nodes of the chain (paper section 10.1). What they say is not trusted: a checkpoint proves
// itself by its signatures.
package ipdm
