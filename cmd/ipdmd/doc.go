// Command ipdmd is the validator, full node and command line of the IPDM chain
// (paper section 3.4). It is flags and assembly only; the chain is in package
// app.
package main
