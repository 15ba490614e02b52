// Package anchor is the chain module that records manifests (paper sections 3.4 and 5.1): who anchored which manifest of
// which root and when, the version chain that UPDATE makes, and tombstones for DELETE. It keeps identifiers and figures
// only; what a manifest says is checked by the data nodes.
package anchor
