package types

import "github.com/ipdm-network/ipdm/x/beacon/vrf"

// Effective returns the public key with which the validator proves the block at height; none if it has no key in effect then.
func (k Key) Effective(height int64) []byte {
	if len(k.PendingPublicKey) > 0 && height >= k.PendingHeight {
		return k.PendingPublicKey
	}
	return k.PublicKey
}

// Validate checks that the entry has an address, at least one key, and a height for the pending one only.
func (k Key) Validate() error {
	switch {
	case k.ConsensusAddress == "":
		return ErrInvalidKey.Wrap("no consensus address")
	case len(k.PublicKey) == 0 && len(k.PendingPublicKey) == 0:
		return ErrInvalidKey.Wrapf("validator %s has none", k.ConsensusAddress)
	case (len(k.PendingPublicKey) > 0) != (k.PendingHeight > 0):
		return ErrInvalidKey.Wrapf("validator %s has a pending key of %d bytes at height %d",
			k.ConsensusAddress, len(k.PendingPublicKey), k.PendingHeight)
	}
	for _, public := range [][]byte{k.PublicKey, k.PendingPublicKey} {
		if len(public) == 0 {
			continue
		}
		if err := vrf.CheckPublicKey(public); err != nil {
			return ErrInvalidKey.Wrapf("validator %s: %s", k.ConsensusAddress, err)
		}
	}
	return nil
}
