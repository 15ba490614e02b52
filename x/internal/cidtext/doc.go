// Package cidtext checks the text form of content identifiers that transactions carry.
// The chain keeps identifiers as opaque names of what the data plane stores (paper sections 3.2 and 3.4): it needs to
// know that a name is well formed and has one spelling only, and nothing about the bytes behind it.
package cidtext
