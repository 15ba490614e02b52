package adversary

import (
	"context"
	"errors"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
)

var errWithheld = errors.New("it is withheld")

// withheldRecords commits to seal records under a name that nobody can fetch: they never leave this process.
type withheldRecords struct{ sectors.Records }

// Put implements sectors.Records.
func (withheldRecords) Put(_ context.Context, _ uint64, records []byte) (cid.Cid, error) {
	return format.NodeCID(format.Sum(records)), nil
}

// withheldFiles does not show a record either when it is demanded on chain.
type withheldFiles struct{ sectors.Files }

// Slice implements sectors.Files.
func (withheldFiles) Slice([]byte, uint32, uint32) ([]byte, error) { return nil, errWithheld }
