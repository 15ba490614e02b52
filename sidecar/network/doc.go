// Package network is the network layer of a data node (paper sections 3.1, 4.2
// and 4.5): a libp2p host, peer discovery, content routing and block exchange.
//
//   - Host: QUIC and TCP, TLS 1.3 and Noise, yamux, a resource manager with hard
//     limits and a connection manager. The identity is an ed25519 key kept in a
//     file that only its owner can read.
//   - Discovery: mDNS on the local network, a list of bootstrap peers that is
//     kept connected with backoff, and a Kademlia DHT. Both the DHT protocol and
//     the mDNS service carry the name of the network, so two networks on one
//     machine never mix. Joining the public IPFS DHT is opt-in.
//   - Content routing: Provide announces roots, manifests and layouts through a
//     bounded queue and repeats them; FindProviders asks the DHT.
//   - Exchange: Bitswap, client and server, over a blockstore that the caller
//     supplies. Fetch and FetchFrom get many blocks in one session, verify each
//     one and end with a typed error instead of waiting forever.
//   - Adaptive routing: latency to connected peers is measured all the time and
//     peers are scored by the verified bytes they serve; both order candidates,
//     and a peer that keeps sending blocks nobody asked for is banned.
//
// The package knows nothing of how blocks are stored or encoded. Its formats and
// protocol identifiers are listed in docs/spec/network.md.
package network
