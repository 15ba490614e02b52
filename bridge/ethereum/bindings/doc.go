// Package bindings packs calls to the Ethereum contracts of IPDM and unpacks their results, events and errors. Its files
// *.gen.go are generated from bridge/ethereum/artifacts by `make contracts`. UnpackError takes at least four bytes.
package bindings
