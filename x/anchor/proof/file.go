package proof

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cometbft/cometbft/crypto/merkle"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

const (
	version = 1
	// MaxFileBytes bounds what Decode reads.
	MaxFileBytes = 1 << 20
)

// ErrInvalid is wrapped by every error about a file that proves nothing.
var ErrInvalid = errors.New("invalid proof of an anchored manifest")

// Bytes is binary data, in JSON as hex with 0x.
type Bytes []byte

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits, found := strings.CutPrefix(string(text), "0x")
	if !found {
		return errors.New("hex does not begin with 0x")
	}
	raw, err := hex.DecodeString(digits)
	*b = raw
	return err
}

// File is one proof.
type File struct {
	Version       int     `json:"version"`
	ChainID       string  `json:"chain_id"`
	Manifest      string  `json:"manifest"`
	Height        int64   `json:"height,string"` // of the block behind which the state was asked
	AnchorRoot    Bytes   `json:"anchor_root"`
	Value         Bytes   `json:"value"`
	Nodes         []Bytes `json:"nodes"`
	AppHashHeight int64   `json:"app_hash_height,string"` // of the header that carries AppHash
	AppHash       Bytes   `json:"app_hash"`
	StateProof    []byte  `json:"state_proof"` // ProofOps as protobuf
}

// Decode reads a file. It fails with ErrInvalid if the bytes are none, which says nothing of what it proves.
func Decode(raw []byte) (File, error) {
	if len(raw) > MaxFileBytes {
		return File{}, fmt.Errorf("%w: more than %d bytes", ErrInvalid, MaxFileBytes)
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	var f File
	if err := in.Decode(&f); err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if in.More() {
		return File{}, fmt.Errorf("%w: something follows it", ErrInvalid)
	}
	if f.Version != version {
		return File{}, fmt.Errorf("%w: version %d, expected %d", ErrInvalid, f.Version, version)
	}
	return f, nil
}

// Key returns where the manifest's value is in the trie. It fails with ErrInvalid.
func (f File) Key() (trie.Key, error) {
	key, codec, err := cidtext.Parse(f.Manifest)
	switch {
	case err != nil:
		return trie.Key{}, fmt.Errorf("%w: manifest: %w", ErrInvalid, err)
	case codec != cidtext.DagCBOR:
		return trie.Key{}, fmt.Errorf("%w: %s is no manifest", ErrInvalid, f.Manifest)
	}
	return key, nil
}

// Verify returns what the file proves of its manifest: that the state with the file's AppHash says so. Whether that is the
// app hash of the chain is for the caller to know. It fails with ErrInvalid.
func (f File) Verify() (trie.Value, error) {
	key, err := f.Key()
	switch {
	case err != nil:
		return trie.Value{}, err
	case len(f.AnchorRoot) != len(trie.Root{}):
		return trie.Value{}, fmt.Errorf("%w: the root of the trie has %d bytes", ErrInvalid, len(f.AnchorRoot))
	case f.AppHashHeight != f.Height+1:
		return trie.Value{}, fmt.Errorf("%w: the app hash of height %d is in the header of %d, not of %d", ErrInvalid, f.Height, f.Height+1, f.AppHashHeight)
	}
	nodes := make([][]byte, len(f.Nodes))
	for i, n := range f.Nodes {
		nodes[i] = n
	}
	value, err := trie.Verify(trie.Root(f.AnchorRoot), key, nodes)
	switch {
	case err != nil:
		return trie.Value{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	case !bytes.Equal(value.Encode(), f.Value):
		return trie.Value{}, fmt.Errorf("%w: its value is not the one that its nodes lead to", ErrInvalid)
	}
	var ops cmtcrypto.ProofOps
	if err := ops.Unmarshal(f.StateProof); err != nil {
		return trie.Value{}, fmt.Errorf("%w: state proof: %w", ErrInvalid, err)
	}
	path := merkle.KeyPath{}.AppendKey([]byte(types.StoreKey), merkle.KeyEncodingURL).AppendKey(types.RootKey, merkle.KeyEncodingHex)
	if err := rootmulti.DefaultProofRuntime().VerifyValue(&ops, f.AppHash, path.String(), f.AnchorRoot); err != nil {
		return trie.Value{}, fmt.Errorf("%w: the root of the trie is not part of the state with the app hash %x: %w", ErrInvalid, []byte(f.AppHash), err)
	}
	return value, nil
}
