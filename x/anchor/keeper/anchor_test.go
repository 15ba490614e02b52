package keeper_test

import (
	"strings"
	"testing"
	"time"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/anchor/keeper"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

func TestAnchorManyAtOnce(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, uint32(2), f.anchor(t, alice, entry(1), entry(2)))

	record, err := f.keeper.Record(f.ctx, manifest(1))
	require.NoError(t, err)
	require.Equal(t, types.Record{
		Manifest: manifest(1), Owner: alice.String(), Root: root(1), SizeBytes: 1_000, BlockCount: 2,
		Tags: []string{"kind=report", "year=2026"}, ContentType: "text/plain", Version: 1, Height: 7, AnchoredAt: start,
	}, record)
	require.Contains(t, f.ctx.EventManager().Events()[0].Type, "EventAnchored")
}

func TestAnchorAgainChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.anchor(t, alice, entry(1))
	f.ctx = f.ctx.WithBlockTime(start.Add(time.Hour))
	require.Equal(t, uint32(1), f.anchor(t, alice, entry(1), entry(2)), "only the second is new")
	record, err := f.keeper.Record(f.ctx, manifest(1))
	require.NoError(t, err)
	require.Equal(t, start, record.AnchoredAt, "the first anchoring counts")
}

func TestVersionChain(t *testing.T) {
	f := newFixture(t)
	second, third := entry(2), entry(3)
	second.Supersedes, third.Supersedes = manifest(1), manifest(2)
	f.anchor(t, alice, entry(1), second, third)
	f.anchor(t, alice, third)

	for n, want := range []types.Record{
		{Version: 1, SupersededBy: manifest(2)},
		{Version: 2, Supersedes: manifest(1), SupersededBy: manifest(3)},
		{Version: 3, Supersedes: manifest(2)},
	} {
		got, err := f.keeper.Record(f.ctx, manifest(byte(n+1)))
		require.NoError(t, err)
		require.Equal(t, want, types.Record{Version: got.Version, Supersedes: got.Supersedes, SupersededBy: got.SupersededBy})
	}
}

func TestAnchorRefuses(t *testing.T) {
	with := func(change func(*types.Entry)) types.Entry {
		e := entry(9)
		change(&e)
		return e
	}
	cases := map[string]struct {
		entry types.Entry
		want  error
	}{
		"manifest with another codec": {with(func(e *types.Entry) { e.Manifest = root(9) }), types.ErrInvalidEntry},
		"no manifest":                 {with(func(e *types.Entry) { e.Manifest = "" }), types.ErrInvalidEntry},
		"root with another codec":     {with(func(e *types.Entry) { e.Root = manifest(9) }), types.ErrInvalidEntry},
		"absurd size":                 {with(func(e *types.Entry) { e.SizeBytes = 1<<60 + 1 }), types.ErrInvalidEntry},
		"absurd count":                {with(func(e *types.Entry) { e.BlockCount = 1<<48 + 1 }), types.ErrInvalidEntry},
		"tags out of order":           {with(func(e *types.Entry) { e.Tags = []string{"b=1", "a=1"} }), types.ErrInvalidEntry},
		"tag twice":                   {with(func(e *types.Entry) { e.Tags = []string{"a=1", "a=1"} }), types.ErrInvalidEntry},
		"tag without key":             {with(func(e *types.Entry) { e.Tags = []string{"=1"} }), types.ErrInvalidEntry},
		"tag without =":               {with(func(e *types.Entry) { e.Tags = []string{"a"} }), types.ErrInvalidEntry},
		"tag with NUL":                {with(func(e *types.Entry) { e.Tags = []string{"a=\x00"} }), types.ErrInvalidEntry},
		"tag not UTF-8":               {with(func(e *types.Entry) { e.Tags = []string{"a=\xff"} }), types.ErrInvalidEntry},
		"tag too long":                {with(func(e *types.Entry) { e.Tags = []string{"a=" + strings.Repeat("x", 255)} }), types.ErrInvalidEntry},
		"too many tags":               {with(func(e *types.Entry) { e.Tags = make([]string, 33) }), types.ErrInvalidEntry},
		"content type too long":       {with(func(e *types.Entry) { e.ContentType = strings.Repeat("x", 128) }), types.ErrInvalidEntry},
		"content type not ASCII":      {with(func(e *types.Entry) { e.ContentType = "täxt" }), types.ErrInvalidEntry},
		"supersedes no CID":           {with(func(e *types.Entry) { e.Supersedes = "x" }), types.ErrInvalidEntry},
		"supersedes itself":           {with(func(e *types.Entry) { e.Supersedes = e.Manifest }), types.ErrInvalidEntry},
		"supersedes unknown":          {with(func(e *types.Entry) { e.Supersedes = manifest(200) }), types.ErrNotFound},
		"supersedes superseded":       {with(func(e *types.Entry) { e.Supersedes = manifest(1) }), types.ErrSuperseded},
		"supersedes tombstoned":       {with(func(e *types.Entry) { e.Supersedes = manifest(3) }), types.ErrTombstoned},
		"supersedes another owner's":  {with(func(e *types.Entry) { e.Supersedes = manifest(4) }), types.ErrOwner},
		"another owner's manifest":    {entry(4), types.ErrOwner},
		"tombstoned manifest":         {entry(3), types.ErrTombstoned},
		"changed entry":               {with(func(e *types.Entry) { e.Manifest = manifest(1) }), types.ErrConflict},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			second := entry(2)
			second.Supersedes = manifest(1)
			f.anchor(t, alice, entry(1), second, entry(3))
			f.anchor(t, bob, entry(4))
			_, err := f.msgs.Tombstone(f.ctx, &types.MsgTombstone{Owner: alice.String(), Manifest: manifest(3)})
			require.NoError(t, err)

			cached, _ := f.ctx.CacheContext()
			_, err = f.msgs.Anchor(cached, &types.MsgAnchor{Owner: alice.String(), Entries: []types.Entry{entry(50), test.entry}})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, "entry 1")
			require.NoError(t, f.keeper.CheckInvariants(f.ctx))
		})
	}
}

func TestAnchorRefusesMessage(t *testing.T) {
	f := newFixture(t)
	for name, test := range map[string]struct {
		msg  types.MsgAnchor
		want error
	}{
		"no entries":  {types.MsgAnchor{Owner: alice.String()}, types.ErrTooMany},
		"too many":    {types.MsgAnchor{Owner: alice.String(), Entries: make([]types.Entry, 257)}, types.ErrTooMany},
		"bad address": {types.MsgAnchor{Owner: "cosmos1xyz", Entries: []types.Entry{entry(1)}}, sdkerrors.ErrInvalidAddress},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.msgs.Anchor(f.ctx, &test.msg)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestGasIsChargedBeforeWork(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	broken := types.Entry{Tags: make([]string, params.MaxTags)}

	meter := storetypes.NewGasMeter(100_000_000)
	_, err := f.msgs.Anchor(f.ctx.WithGasMeter(meter), &types.MsgAnchor{Owner: alice.String(), Entries: []types.Entry{broken}})
	require.ErrorIs(t, err, types.ErrInvalidEntry)
	require.GreaterOrEqual(t, meter.GasConsumed(), params.GasPerEntry+params.GasPerTag*uint64(params.MaxTags))

	require.Panics(t, func() {
		_, _ = f.msgs.Anchor(f.ctx.WithGasMeter(storetypes.NewGasMeter(params.GasPerEntry)),
			&types.MsgAnchor{Owner: alice.String(), Entries: []types.Entry{entry(1)}})
	}, "out of gas")
}

func TestTombstone(t *testing.T) {
	f := newFixture(t)
	f.anchor(t, alice, entry(1))

	for name, test := range map[string]struct {
		msg  types.MsgTombstone
		want error
	}{
		"another owner's": {types.MsgTombstone{Owner: bob.String(), Manifest: manifest(1)}, types.ErrOwner},
		"unknown":         {types.MsgTombstone{Owner: alice.String(), Manifest: manifest(2)}, types.ErrNotFound},
		"no CID":          {types.MsgTombstone{Owner: alice.String(), Manifest: "x"}, types.ErrInvalidEntry},
		"bad address":     {types.MsgTombstone{Owner: "x", Manifest: manifest(1)}, sdkerrors.ErrInvalidAddress},
	} {
		_, err := f.msgs.Tombstone(f.ctx, &test.msg)
		require.ErrorIs(t, err, test.want, name)
	}

	msg := &types.MsgTombstone{Owner: alice.String(), Manifest: manifest(1)}
	_, err := f.msgs.Tombstone(f.ctx, msg)
	require.NoError(t, err)
	_, err = f.msgs.Tombstone(f.ctx.WithBlockTime(start.Add(time.Hour)), msg)
	require.NoError(t, err, "again changes nothing")

	record, err := f.keeper.Record(f.ctx, manifest(1))
	require.NoError(t, err)
	require.True(t, record.Tombstoned)
	require.Equal(t, start, *record.TombstonedAt)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

func TestUpdateParams(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.MaxEntriesPerTx = 1
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: alice.String(), Params: params})
	require.ErrorIs(t, err, types.ErrAuthority)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String()})
	require.ErrorIs(t, err, types.ErrInvalidParams)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	_, err = f.msgs.Anchor(f.ctx, &types.MsgAnchor{Owner: alice.String(), Entries: []types.Entry{entry(1), entry(2)}})
	require.ErrorIs(t, err, types.ErrTooMany)
}

func FuzzAnchor(f *testing.F) {
	f.Add(manifest(1), root(1), "a=1", "b=2", "text/plain", manifest(2), uint64(1), uint64(1))
	f.Add("", "", "", "", "", "", uint64(0), uint64(1)<<63)
	fx := newFixture(f)
	f.Fuzz(func(t *testing.T, m, r, tag1, tag2, contentType, supersedes string, size, blocks uint64) {
		cached, _ := fx.ctx.CacheContext()
		e := types.Entry{
			Manifest: m, Root: r, Tags: []string{tag1, tag2}, ContentType: contentType, Supersedes: supersedes,
			SizeBytes: size, BlockCount: blocks,
		}
		_, err := keeper.NewMsgServer(fx.keeper).Anchor(cached, &types.MsgAnchor{Owner: alice.String(), Entries: []types.Entry{e}})
		if err != nil {
			return
		}
		require.NoError(t, cidtext.Check(m, cidtext.DagCBOR))
		require.NoError(t, fx.keeper.CheckInvariants(cached))
		gs, err := fx.keeper.ExportGenesis(cached)
		require.NoError(t, err)
		require.NoError(t, gs.Validate())
	})
}
