// Command ipdm-node is the data node of IPDM and the complete command line of its users (sections 3 and 10.4 of the specification paper):
// `daemon` runs a node, and what pays talks to the chain with a key of the caller's own keyring. Users call it through ipdm, which carries out
// the shorter commands itself and whose documentation explains the exit codes.
package main
