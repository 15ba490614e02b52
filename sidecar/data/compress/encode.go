package compress

import (
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Encode makes an encoding of blocks whose digests the caller has computed itself, by the method that Choose finds for
// them. Its errors are those of store.Encode.
func Encode(blocks []format.Block, e Effort) (store.Checked, error) {
	m := Choose(blocks, e)
	return store.Encode(m.Algorithm, m.Params, blocks)
}
