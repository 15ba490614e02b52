package solana

import (
	"testing"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestInitializeAgain(t *testing.T) {
	f := start(t, 4, 3, image)
	client, tap := f.client(f.payer[1])
	initialize := func(change func(*program.Genesis)) error {
		g := f.genesis
		change(&g)
		return client.Initialize(f.ctx, g, f.chain.set(g.Epoch), f.own)
	}
	same := func(*program.Genesis) {}
	require.NoError(t, initialize(same))
	changes := map[string]func(*program.Genesis){
		"chain":                func(g *program.Genesis) { g.Chain[0]++ },
		"domain 2, expected 3": func(g *program.Genesis) { g.Domain++ },
		"trust period in ms":   func(g *program.Genesis) { g.TrustPeriod++ },
		"recovery key":         func(g *program.Genesis) { g.RecoveryKey = solanago.PublicKey{1} },
		"recovery delay in ms 1000, expected 1001": func(g *program.Genesis) { g.RecoveryDelay++ },
		"pause in ms":     func(g *program.Genesis) { g.Pause++ },
		"cool-down in ms": func(g *program.Genesis) { g.Cooldown++ },
		"retention in ms": func(g *program.Genesis) { g.Retention++ },
	}
	refused := func() {
		t.Helper()
		for says, change := range changes {
			err := initialize(change)
			require.ErrorIs(t, err, ErrOtherGenesis, says)
			require.ErrorContains(t, err, says)
		}
	}
	other := func(g *program.Genesis) { g.Guardian = solanago.PublicKey{1} }
	require.ErrorContains(t, initialize(other), "guardian "+f.genesis.Guardian.String()+", expected ")
	set := newChain(t, 3).set(9)
	g := f.genesis
	g.Set = set.Root()
	require.ErrorContains(t, client.Initialize(f.ctx, g, set, f.own), "signer set")
	refused()
	f.requireSent(tap, 0, 0)

	// What may change since is not looked at.
	f.control(wire.Control{Operation: wire.SetGuardian, Guardian: wire.Party(newKey(t).PublicKey())})
	f.accept(client)
	f.deliver(client, 0)
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, 100, true)))
	require.NoError(t, initialize(same))
	require.NoError(t, initialize(other))
	refused()

	// One node that lies does not matter, two do.
	forged := f.shown(f.program().Gateway())
	forged.Data[37]++ // of the domain
	for i, is := range []error{nil, ErrOtherGenesis} {
		require.NoError(t, f.Node(i).ForgeAccount(f.ctx, f.program().Gateway(), forged))
		require.ErrorIs(t, initialize(same), is)
	}
	require.NoError(t, f.Node(1).ClearFaults(f.ctx))
	require.NoError(t, f.Node(0).ForgeAccount(f.ctx, f.program().Gateway(), nil))
	require.NoError(t, initialize(same))
}

func TestInitializeRefuses(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[1])
	for name, change := range map[string]func(*program.Genesis){
		"pause":     func(g *program.Genesis) { g.Pause, g.Cooldown = program.MaxPause+1, program.MaxPause+1 },
		"cool-down": func(g *program.Genesis) { g.Cooldown = g.Pause - 1 },
		"retention": func(g *program.Genesis) { g.Retention-- },
	} {
		g := f.genesis
		change(&g)
		require.ErrorIs(t, client.Initialize(f.ctx, g, f.chain.set(1), f.own), program.ErrGenesis, name)
	}
	f.requireSent(tap, 0, 0)
}
