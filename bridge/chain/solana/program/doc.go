// Package program is the client of IPDM's program on Solana: its addresses, instructions, accounts and errors, as
// docs/spec/bridge-solana.md describes them. It knows no network.
package program
