package verdict

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// Limits on what is judged.
const (
	// MaxSeals is how many proofs are judged at a time.
	MaxSeals = 1_024
	// MaxBlocks is how many blocks the content with the records may be cut into.
	MaxBlocks = 4_096
	// maxMultiaddrs is how many addresses of a provider are looked at.
	maxMultiaddrs = 16
)

var (
	// ErrSeal reports a seal that cannot be judged, since the chain cannot have accepted such a one.
	ErrSeal = errors.New("no such seal proof can be on chain")
	// ErrTooMany reports more than MaxSeals seals.
	ErrTooMany = errors.New("too many seal proofs")
)

// Seal is all that is needed to judge a seal proof.
type Seal struct {
	// ID is the chain's number of the proof.
	ID uint64
	// Statement is what the records are to show, Seed draws the nodes that they are about, Challenges counts them.
	Statement  sdr.Statement
	Seed       sdr.Hash
	Challenges uint32
	// Records is the content with the records, Root its digest, LengthBytes its length.
	Records     cid.Cid
	Root        format.Digest
	LengthBytes uint64
	// Provider is where the records are asked for first; may be empty.
	Provider peer.AddrInfo
	// JudgeBy is until when the verdict counts.
	JudgeBy time.Time
}

// Check fails with ErrSeal unless the chain can have accepted the proof for judgement.
func (s *Seal) Check() error {
	if err := s.Statement.Check(); err != nil {
		return fmt.Errorf("%w: seal %d: %w", ErrSeal, s.ID, err)
	}
	if _, err := format.DigestOf(s.Records); err != nil {
		return fmt.Errorf("%w: seal %d: records: %w", ErrSeal, s.ID, err)
	}
	switch {
	case s.ID == 0:
		return fmt.Errorf("%w: seal 0", ErrSeal)
	case s.Challenges == 0 || s.Challenges > sdr.MaxSealChallenges:
		return fmt.Errorf("%w: seal %d: %d records, want 1 to %d", ErrSeal, s.ID, s.Challenges, sdr.MaxSealChallenges)
	case s.LengthBytes != sdr.ProofSize(s.Statement.Nodes, s.Challenges):
		return fmt.Errorf("%w: seal %d: %d records are not %d bytes", ErrSeal, s.ID, s.Challenges, s.LengthBytes)
	}
	return nil
}

// same tells whether both are one proof, wherever its records may be had and however long it is judged.
func (s *Seal) same(o *Seal) bool {
	return s.ID == o.ID && s.Statement.Nodes == o.Statement.Nodes && s.Statement.ReplicaID == o.Statement.ReplicaID &&
		s.Statement.CommC == o.Statement.CommC && s.Statement.CommRLast == o.Statement.CommRLast &&
		slices.Equal(s.Statement.Pieces, o.Statement.Pieces) &&
		s.Seed == o.Seed && s.Challenges == o.Challenges && s.Records.Equals(o.Records) && s.Root == o.Root && s.LengthBytes == o.LengthBytes
}

// ProviderOf reads a provider's endpoint as the chain has it, which anyone may have written: what cannot be read is left out.
func ProviderOf(peerID string, multiaddrs []string) peer.AddrInfo {
	id, err := peer.Decode(peerID)
	if err != nil {
		return peer.AddrInfo{}
	}
	info := peer.AddrInfo{ID: id}
	for _, text := range multiaddrs[:min(len(multiaddrs), maxMultiaddrs)] {
		if address, err := ma.NewMultiaddr(text); err == nil {
			info.Addrs = append(info.Addrs, address)
		}
	}
	return info
}
