package network

import "github.com/libp2p/go-libp2p/core/peer"

// WantsOf counts the blocks a peer is waiting for.
func (n *Network) WantsOf(p peer.ID) int { return len(n.bitswap.WantlistForPeer(p)) }

// ScoreOf is the score of a peer, connected or not.
func (n *Network) ScoreOf(p peer.ID) float64 { return n.scores.score(p) }

// Banned reports whether a peer is banned now.
func (n *Network) Banned(p peer.ID) bool { return n.scores.banned(p) }
