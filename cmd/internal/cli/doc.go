// Package cli is what the programs ipdm and ipdm-node share: the commands that do with a running daemon, and how a call is read, reported and
// ended (section 10.4 of the specification paper). It knows nothing of the chain and its types, whose initialisation takes longer than most
// commands: ADR 0014.
package cli
