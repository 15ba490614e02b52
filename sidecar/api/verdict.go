package api

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/consensus/verdict"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// verdictService implements sidecarv1.VerdictServiceServer.
type verdictService struct {
	sidecarv1.UnimplementedVerdictServiceServer
	judge Judge
}

// Verdicts implements sidecarv1.VerdictServiceServer.
func (s *verdictService) Verdicts(_ context.Context, request *sidecarv1.VerdictsRequest) (*sidecarv1.VerdictsResponse, error) {
	if s.judge == nil {
		return nil, status.Error(codes.FailedPrecondition, "this node judges no seal proofs")
	}
	if n := len(request.GetSeals()); n > verdict.MaxSeals {
		return nil, invalid("%d seal proofs, at most %d", n, verdict.MaxSeals)
	}
	seals := make([]verdict.Seal, len(request.GetSeals()))
	for i, m := range request.GetSeals() {
		var err error
		if seals[i], err = sealOf(m); err != nil {
			return nil, invalid("seal %d: %v", m.GetSealId(), err)
		}
	}
	known, err := s.judge.Verdicts(seals)
	if err != nil {
		return nil, err
	}
	response := &sidecarv1.VerdictsResponse{}
	for _, v := range known {
		response.Verdicts = append(response.Verdicts, &sidecarv1.Verdict{SealId: v.SealID, Valid: v.Valid})
	}
	return response, nil
}

// sealOf reads one seal. What is only wrong with it as a whole is left to the judge.
func sealOf(m *sidecarv1.SealToJudge) (verdict.Seal, error) {
	seal := verdict.Seal{
		ID:          m.GetSealId(),
		Statement:   sdr.Statement{Nodes: m.GetNodeCount()},
		Challenges:  m.GetChallenges(),
		LengthBytes: m.GetLengthBytes(),
		Provider:    verdict.ProviderOf(m.GetPeerId(), m.GetMultiaddrs()),
		JudgeBy:     time.Unix(0, m.GetJudgeByUnixNano()),
	}
	var err error
	if seal.Records, err = format.ParseCID(m.GetRecords()); err != nil {
		return seal, err
	}
	if seal.Root, err = format.DigestFromBytes(m.GetRoot()); err != nil {
		return seal, err
	}
	for _, field := range []struct {
		into  *sdr.Hash
		bytes []byte
	}{
		{&seal.Statement.ReplicaID, m.GetReplicaId()},
		{&seal.Statement.CommC, m.GetCommC()},
		{&seal.Statement.CommRLast, m.GetCommRLast()},
		{&seal.Seed, m.GetSeed()},
	} {
		digest, err := format.DigestFromBytes(field.bytes)
		if err != nil {
			return seal, err
		}
		*field.into = sdr.Hash(digest)
	}
	if n := len(m.GetPieces()); n > sdr.MaxPieces {
		return seal, invalid("%d pieces, at most %d", n, sdr.MaxPieces)
	}
	seal.Statement.Pieces = make([]sdr.Piece, len(m.GetPieces()))
	for i, p := range m.GetPieces() {
		commD, err := format.DigestFromBytes(p.GetCommD())
		if err != nil {
			return seal, err
		}
		seal.Statement.Pieces[i] = sdr.Piece{CommD: commD, TotalBytes: p.GetTotalBytes(), Leaves: p.GetLeaves(), StartNode: p.GetStartNode()}
	}
	return seal, nil
}
