package sdr

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

const (
	// MaxPieces is the largest number of pieces in a sector.
	MaxPieces = 256
	// SealChallenges is how many nodes a seal proof shows, unless the chain's parameters say otherwise.
	SealChallenges = 176
	// MaxSealChallenges bounds that number.
	MaxSealChallenges = 1024

	sectorDomain    = "ipdm/sdr-sha256-v1/comm-d"
	replicaDomain   = "ipdm/sdr-sha256-v1/replica-id"
	commRDomain     = "ipdm/sdr-sha256-v1/comm-r"
	sealSeedDomain  = "ipdm/sdr-sha256-v1/seal-seed"
	challengeDomain = "ipdm/sdr-sha256-v1/challenge"
)

// Piece is what a sector holds of one deal: the aligned stream of a whole commitment.
type Piece struct {
	// CommD, TotalBytes and Leaves are the commitment, with the length and number of leaves that its last leaf shows.
	CommD      format.Digest
	TotalBytes uint64
	Leaves     uint32
	// StartNode is where the piece begins in the sector.
	StartNode uint64
}

// Nodes returns how many nodes the piece takes up.
func (p Piece) Nodes() uint64 { return commitment.AlignedNodes(p.Leaves, p.TotalBytes) }

// CheckPieces fails with ErrPieces unless the pieces, 1 to MaxPieces, are in order, do not overlap and fit into nodes.
func CheckPieces(nodes uint64, pieces []Piece) error {
	if len(pieces) == 0 || len(pieces) > MaxPieces {
		return fmt.Errorf("%w: %d of them, want 1 to %d", ErrPieces, len(pieces), MaxPieces)
	}
	var end uint64
	for i, p := range pieces {
		if p.TotalBytes == 0 || p.TotalBytes > nodes*NodeSize || p.Leaves == 0 || uint64(p.Leaves) > p.TotalBytes {
			return fmt.Errorf("%w: piece %d is of %d bytes in %d leaves", ErrPieces, i, p.TotalBytes, p.Leaves)
		}
		if p.StartNode < end || p.StartNode >= nodes || p.Nodes() > nodes-p.StartNode {
			return fmt.Errorf("%w: piece %d takes up %d nodes from %d on, free is %d to %d", ErrPieces, i, p.Nodes(), p.StartNode, end, nodes)
		}
		end = p.StartNode + p.Nodes()
	}
	return nil
}

// pieceAt returns the piece that holds a node, if one does.
func pieceAt(pieces []Piece, node uint64) (Piece, bool) {
	for _, p := range pieces {
		if node >= p.StartNode && node-p.StartNode < p.Nodes() {
			return p, true
		}
	}
	return Piece{}, false
}

// SectorCommD returns the commitment to a sector's data:
//
//	SHA-256( domain | nodes u64 | count u32 | count times: comm_d 32 | total bytes u64 | leaves u32 | start node u64 )
//
// What no piece covers is zero.
func SectorCommD(nodes uint64, pieces []Piece) Hash {
	b := binary.LittleEndian.AppendUint64([]byte(sectorDomain), nodes)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(pieces)))
	for _, p := range pieces {
		b = append(b, p.CommD[:]...)
		b = binary.LittleEndian.AppendUint64(b, p.TotalBytes)
		b = binary.LittleEndian.AppendUint32(b, p.Leaves)
		b = binary.LittleEndian.AppendUint64(b, p.StartNode)
	}
	return sha256.Sum256(b)
}

// ReplicaID returns what makes a replica unlike any other:
//
//	SHA-256( domain | chain id | provider | sector number u64 | ticket 32 | comm_d 32 )
//
// with a u32 length before chain id and provider, the raw address. The ticket is randomness of a recent block.
func ReplicaID(chainID string, provider []byte, number uint64, ticket [32]byte, commD Hash) Hash {
	b := appendSized([]byte(replicaDomain), []byte(chainID))
	b = appendSized(b, provider)
	b = binary.LittleEndian.AppendUint64(b, number)
	b = append(b, ticket[:]...)
	b = append(b, commD[:]...)
	return sha256.Sum256(b)
}

// CommR returns the commitment to a replica: SHA-256(domain | comm_c | comm_r_last).
func CommR(commC, commRLast Hash) Hash {
	b := append([]byte(commRDomain), commC[:]...)
	return sha256.Sum256(append(b, commRLast[:]...))
}

// SealSeed returns the seed of a sector's seal challenges. beacon is randomness later than the commitment to the replica.
func SealSeed(beacon [32]byte, replicaID, commR Hash) Hash {
	b := append([]byte(sealSeedDomain), beacon[:]...)
	b = append(b, replicaID[:]...)
	return sha256.Sum256(append(b, commR[:]...))
}

// Challenges returns the nodes that a seal proof shows, count of them and at most MaxSealChallenges. The i-th is a
// 128-bit hash of seed and i modulo nodes, which is a power of two, so the choice is uniform. It needs valid nodes.
func Challenges(seed Hash, count uint32, nodes uint64) []uint64 {
	challenges := make([]uint64, min(count, MaxSealChallenges))
	b := append([]byte(challengeDomain), seed[:]...)
	for i := range challenges {
		h := sha256.Sum256(binary.LittleEndian.AppendUint32(b, uint32(i)))
		challenges[i] = bits.Rem64(binary.LittleEndian.Uint64(h[8:16]), binary.LittleEndian.Uint64(h[:8]), nodes)
	}
	return challenges
}

// appendSized appends p with its length before it, so that no two sequences of fields give the same bytes.
func appendSized(b, p []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(p))), p...)
}
