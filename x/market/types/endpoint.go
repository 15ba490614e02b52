package types

import (
	"strings"
	"unicode"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
)

const (
	// MaxMultiaddrs bounds the addresses of an endpoint.
	MaxMultiaddrs = 16
	// MaxMultiaddrBytes bounds one address.
	MaxMultiaddrBytes = 256
	// MaxRegionBytes bounds a region.
	MaxRegionBytes = 32

	minPeerIDBytes = 46
	maxPeerIDBytes = 64
	base58         = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

// Validate fails with ErrInvalidEndpoint unless the peer id is base58 of a plausible length and there are between least
// and MaxMultiaddrs addresses that look like multiaddrs and do not end in a peer id. The chain checks syntax only:
// which protocols exist is no matter of consensus.
func (e Endpoint) Validate(least int) error {
	if len(e.PeerId) < minPeerIDBytes || len(e.PeerId) > maxPeerIDBytes || strings.Trim(e.PeerId, base58) != "" {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "peer id %.80q is not base58 of %d to %d characters", e.PeerId, minPeerIDBytes, maxPeerIDBytes)
	}
	if len(e.Multiaddrs) < least || len(e.Multiaddrs) > MaxMultiaddrs {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "%d multiaddrs, want %d to %d", len(e.Multiaddrs), least, MaxMultiaddrs)
	}
	for _, address := range e.Multiaddrs {
		if err := validateMultiaddr(address); err != nil {
			return err
		}
	}
	return nil
}

func validateMultiaddr(address string) error {
	if len(address) > MaxMultiaddrBytes {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "multiaddr of %d bytes is longer than %d", len(address), MaxMultiaddrBytes)
	}
	for i := range len(address) {
		if address[i] <= 0x20 || address[i] > 0x7e {
			return errorsmod.Wrapf(ErrInvalidEndpoint, "multiaddr %q is not printable ASCII", address)
		}
	}
	parts := strings.Split(address, "/")
	if len(parts) < 3 || parts[0] != "" || parts[1] == "" || parts[len(parts)-1] == "" {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "multiaddr %q is not /protocol/value/...", address)
	}
	if parts[len(parts)-2] == "p2p" {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "multiaddr %q ends in a peer id, which belongs into peer_id", address)
	}
	return nil
}

// ValidateRegion fails with ErrInvalidEndpoint unless region is short printable text or empty.
func ValidateRegion(region string) error {
	if len(region) > MaxRegionBytes || !utf8.ValidString(region) ||
		strings.ContainsFunc(region, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return errorsmod.Wrapf(ErrInvalidEndpoint, "region %.80q is not at most %d bytes of printable text", region, MaxRegionBytes)
	}
	return nil
}
