// Package interop holds tests only: that manifests (paper sections 4.1 and 5) fit what others make - the keys of libp2p
// nodes and of Cosmos and Ethereum-style accounts, and DAGs built by boxo. They are apart from the manifest package's
// own tests, which would otherwise carry the weight of those libraries.
package interop
