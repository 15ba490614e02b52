package sealer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	descriptionFile    = "sector.json"
	descriptionVersion = 1
	// maxDescriptionBytes bounds what is read of a sector.json.
	maxDescriptionBytes = 1 << 20
)

// digest is 32 bytes in hexadecimal.
type digest [32]byte

// MarshalText implements encoding.TextMarshaler.
func (d digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("%d characters, want %d", len(text), hex.EncodedLen(len(d)))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// description is what sector.json holds.
type description struct {
	Version   int     `json:"version"`
	ChainID   string  `json:"chain_id"`
	Provider  string  `json:"provider"`
	Number    uint64  `json:"number"`
	Class     string  `json:"class"`
	ReplicaID digest  `json:"replica_id"`
	CommD     digest  `json:"comm_d"`
	Ticket    digest  `json:"ticket"`
	TicketAt  int64   `json:"ticket_height"`
	Pieces    []piece `json:"pieces"`
	// Phase is how far it is. Layer and Node are the checkpoint of labelling: all labels below Node of Layer, counted from 1, and all of
	// the layers before, are on disk.
	Phase sectors.Phase `json:"phase"`
	Layer uint32        `json:"layer"`
	Node  uint64        `json:"node"`
	// LayerDigests are the BLAKE3-256 digests of the layers so far, of the last one up to the checkpoint: a wrong label would make a
	// seal that convicts its maker, so a sealer that goes on checks what it goes on from.
	LayerDigests []digest `json:"layer_digests"`
	// CommC and CommRLast are set once sealed.
	CommC     digest `json:"comm_c"`
	CommRLast digest `json:"comm_r_last"`
	// Finished tells that labels and tree-c were deleted on purpose.
	Finished bool `json:"finished"`
	// Released are the first nodes of pieces that were let go of.
	Released []uint64 `json:"released"`
	// PassedOver are those of them whose data was gone when the replica was made anew.
	PassedOver []uint64  `json:"passed_over,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	// BenchNodes is the number of nodes of a sector that is there to measure and of no class.
	BenchNodes uint64 `json:"bench_nodes,omitempty"`
}

type piece struct {
	DealID       uint64 `json:"deal_id"`
	ReplicaIndex uint32 `json:"replica_index"`
	CommD        digest `json:"comm_d"`
	TotalBytes   uint64 `json:"total_bytes"`
	Leaves       uint32 `json:"leaves"`
	StartNode    uint64 `json:"start_node"`
}

func (p piece) sdr() sdr.Piece {
	return sdr.Piece{CommD: format.Digest(p.CommD), TotalBytes: p.TotalBytes, Leaves: p.Leaves, StartNode: p.StartNode}
}

// describe checks a plan and writes it as the description of a sector that is begun now.
func describe(plan sectors.Plan, benchNodes uint64) (*description, error) {
	class := sdr.Class(plan.Class)
	if err := class.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	d := &description{
		Version: descriptionVersion, ChainID: plan.ChainID, Provider: plan.Provider, Number: plan.Number, Class: class.String(),
		Ticket: plan.Ticket, TicketAt: plan.TicketHeight, Phase: sectors.PhaseLabelling, Layer: 1, StartedAt: time.Now().UTC(),
		ReplicaID: plan.ReplicaID, BenchNodes: benchNodes,
	}
	for _, p := range plan.Pieces {
		d.Pieces = append(d.Pieces, piece{p.DealID, p.ReplicaIndex, digest(p.CommD), p.TotalBytes, p.Leaves, p.StartNode})
	}
	if err := sdr.CheckPieces(d.nodes(), d.sdrPieces()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	d.CommD = sdr.SectorCommD(d.nodes(), d.sdrPieces())
	if d.ReplicaID == (digest{}) {
		address, err := chain.ParseAddress(plan.Provider)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		d.ReplicaID = sdr.ReplicaID(plan.ChainID, address, plan.Number, plan.Ticket, sdr.Hash(d.CommD))
	}
	return d, nil
}

// clone copies what a sealer changes in place.
func (d *description) clone() *description {
	c := *d
	c.Released, c.PassedOver, c.LayerDigests = slices.Clone(d.Released), slices.Clone(d.PassedOver), slices.Clone(d.LayerDigests)
	return &c
}

// begunLayers is how many layers have labels up to the checkpoint.
func (d *description) begunLayers() int {
	if d.Node == 0 {
		return int(d.Layer) - 1
	}
	return int(d.Layer)
}

// labelsOf is how many bytes of a begun layer are below the checkpoint.
func (d *description) labelsOf(layer uint32) uint64 {
	if layer < d.Layer {
		return d.nodes() * sdr.NodeSize
	}
	return d.Node * sdr.NodeSize
}

func (d *description) class() sdr.Class {
	class, _ := sdr.ParseClass(d.Class) // a description is checked when it is read
	return class
}

func (d *description) nodes() uint64 {
	if d.BenchNodes != 0 {
		return d.BenchNodes
	}
	return d.class().Nodes()
}

func (d *description) sdrPieces() []sdr.Piece {
	pieces := make([]sdr.Piece, len(d.Pieces))
	for i, p := range d.Pieces {
		pieces[i] = p.sdr()
	}
	return pieces
}

func (d *description) commitments() sectors.Commitments {
	return sectors.Commitments{ReplicaID: d.ReplicaID, CommD: d.CommD, CommC: d.CommC, CommRLast: d.CommRLast}
}

// plan gives the description the form in which it was planned.
func (d *description) plan() sectors.Plan {
	plan := sectors.Plan{
		ChainID: d.ChainID, Provider: d.Provider, Number: d.Number, Class: poreptypes.SectorClass(d.class()),
		TicketHeight: d.TicketAt, Ticket: d.Ticket, ReplicaID: d.ReplicaID,
	}
	for _, p := range d.Pieces {
		plan.Pieces = append(plan.Pieces, sectors.Piece{
			DealID: p.DealID, ReplicaIndex: p.ReplicaIndex, CommD: format.Digest(p.CommD), TotalBytes: p.TotalBytes, Leaves: p.Leaves,
			StartNode: p.StartNode, Nodes: p.sdr().Nodes(),
		})
	}
	return plan
}

// sameSector tells whether two descriptions are of the same replica.
func (d *description) sameSector(other *description) bool {
	return d.Number == other.Number && d.Class == other.Class && d.BenchNodes == other.BenchNodes &&
		d.ReplicaID == other.ReplicaID && d.CommD == other.CommD
}

// readDescription reads and checks the description in a folder, of a sector of a class or of benchNodes if that is not 0. It fails with
// ErrFormat, and wraps os.ErrNotExist when there is none.
func readDescription(dir string, benchNodes uint64) (*description, error) {
	path := filepath.Join(dir, descriptionFile)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("failed to look at %s: %w", path, err)
	}
	if info.Size() > maxDescriptionBytes {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrFormat, path, info.Size())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", path, err)
	}
	d := &description{}
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, path, err)
	}
	if err := d.check(benchNodes); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, path, err)
	}
	return d, nil
}

func (d *description) check(benchNodes uint64) error {
	if d.Version != descriptionVersion {
		return fmt.Errorf("version %d, want %d", d.Version, descriptionVersion)
	}
	if _, err := sdr.ParseClass(d.Class); err != nil {
		return err
	}
	if d.BenchNodes != benchNodes {
		return fmt.Errorf("a sector of %d nodes made to measure", d.BenchNodes)
	}
	if err := sdr.CheckPieces(d.nodes(), d.sdrPieces()); err != nil {
		return err
	}
	if d.CommD != digest(sdr.SectorCommD(d.nodes(), d.sdrPieces())) {
		return errors.New("comm_d is not that of the pieces")
	}
	switch d.Phase {
	case sectors.PhaseLabelling, sectors.PhaseEncoding, sectors.PhaseCommitting, sectors.PhaseSealed:
	default:
		return fmt.Errorf("phase %q", d.Phase)
	}
	if d.Layer < 1 || d.Layer > sdr.Layers || d.Node > d.nodes() || len(d.LayerDigests) != d.begunLayers() {
		return fmt.Errorf("checkpoint at node %d of layer %d", d.Node, d.Layer)
	}
	return nil
}

// write replaces the description in a folder, durably.
func (d *description) write(dir string) error {
	raw, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the description of sector %d: %w", d.Number, err)
	}
	path := filepath.Join(dir, descriptionFile)
	if err := writeDurably(path+".new", append(raw, '\n')); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("failed to replace %s: %w", path, err)
	}
	return syncDir(dir)
}

func writeDurably(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("failed to make %s: %w", path, err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := closeAfter(file, err); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return nil
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("failed to open %s: %w", dir, err)
	}
	if err := closeAfter(file, file.Sync()); err != nil {
		return fmt.Errorf("failed to sync %s: %w", dir, err)
	}
	return nil
}

// closeAfter closes a file and returns err, or what closing it fails with.
func closeAfter(file *os.File, err error) error { return errors.Join(err, file.Close()) }
