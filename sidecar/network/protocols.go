package network

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	// MaxBlockBytes is the largest block that is exchanged, in bytes. It is the
	// limit of the Bitswap specification and of our envelope, header included.
	MaxBlockBytes = 2 << 20

	// BitswapProtocol is the preferred exchange protocol, the one Kubo speaks.
	BitswapProtocol = protocol.ID("/ipfs/bitswap/1.2.0")

	// mdnsPrefix begins the mDNS service name; eight hexadecimal digits follow,
	// which keeps the label within the 15 characters RFC 6763 allows.
	mdnsPrefix = "_ipdm-"
)

// networkNameRule accepts what a chain id may look like and nothing that would
// change the meaning of a protocol id.
var networkNameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// validateNetworkName refuses names that cannot be part of a protocol id.
func validateNetworkName(name string) error {
	if !networkNameRule.MatchString(name) {
		return fmt.Errorf("network name %q must be 1 to 64 letters, digits, dots, dashes or underscores", name)
	}
	return nil
}

// DHTPrefix is the protocol prefix of a network's private DHT. The DHT appends
// "/kad/1.0.0" to it.
func DHTPrefix(networkName string) protocol.ID {
	return protocol.ID("/ipdm/" + networkName)
}

// MDNSService is the mDNS service name of a network: nodes of differently named
// networks do not see each other.
func MDNSService(networkName string) string {
	sum := sha256.Sum256([]byte(networkName))
	return mdnsPrefix + hex.EncodeToString(sum[:4]) + "._udp"
}
