// Package bindings packs calls to the Ethereum contracts of IPDM and unpacks their results, events and errors. All files
// but this one and the tests are generated from bridge/ethereum/artifacts by `make contracts`.
package bindings
