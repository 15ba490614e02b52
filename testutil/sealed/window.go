package sealed

import (
	"context"
	"encoding"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// OpenNode opens a node of the replica.
func (s *Sector) OpenNode(ctx context.Context, node uint64) (*proof.NodeOpening, error) {
	raw, err := s.ReplicaPath(ctx, nil, node)
	if err != nil {
		return nil, err
	}
	opening := &proof.NodeOpening{Node: [32]byte(raw[:32])}
	for at := 32; at < len(raw); at += 32 {
		opening.Path = append(opening.Path, [32]byte(raw[at:at+32]))
	}
	return opening, nil
}

// Answer makes the encoded proof of what the chain asks for in a class: in a window, or in a challenge whose id takes the window's place.
// Encodings come from source and nodes from replicas; what they lack is declared missing, and missing tells how many openings are.
func Answer(
	class poreptypes.Class, window uint64, asked []poreptypes.Challenge, source proof.Source, replicas proof.SealedSource,
) (encoded []byte, missing int, err error) {
	var made encoding.BinaryMarshaler
	var lost []*proof.OpeningError
	if class == poreptypes.CLASS_SEALED {
		challenges := make([]proof.SealedChallenge, len(asked))
		for i, c := range asked {
			challenges[i] = proof.SealedChallenge{CommRLast: [32]byte(c.CommRLast), Nodes: c.Nodes, Node: c.Node}
		}
		made, lost, err = proof.ProveSealed(context.Background(), window, challenges, replicas)
	} else {
		challenges := make([]proof.Challenge, len(asked))
		for i, c := range asked {
			challenges[i] = proof.Challenge{CommD: format.Digest(c.CommD), TotalBytes: c.SizeBytes, Offset: c.Offset}
		}
		made, lost, err = proof.Prove(context.Background(), proof.ClassOpen, window, challenges, source)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("failed to prove: %w", err)
	}
	encoded, err = made.MarshalBinary()
	return encoded, len(lost), err
}
