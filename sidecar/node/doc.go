// Package node assembles a data node from its layers and runs it: the sidecar of section 3 of the specification paper as
// one process.
//
// A node lives in a home directory, which one daemon at a time may use:
//
//	config.toml   settings, commented; flags and IPDM_<SECTION>_<NAME> variables override them
//	peer.key      identity in the peer-to-peer network, mode 0600
//	keyring/      account keys of the CLI and, of a provider, the daemon
//	store/        blocks, manifests, layouts
//	follow/       how far the node is with other chains that it follows
//	node.lock     held while a daemon runs; names its process
//	api           the address that the running daemon's API listens on
//
// Init makes a home, Start runs the node of one, Close stops it: everything that was started has ended when Close
// returns. A node runs alone, without a chain; with one it finds what it misses through the chain's deals, and with
// [provider] enabled it stores for others and proves it, and with [[follow]] it stores what becomes final on other chains.
package node
