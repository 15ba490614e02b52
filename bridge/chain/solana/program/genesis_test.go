package program

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGenesis(t *testing.T) {
	good := Genesis{Domain: 2, TrustPeriod: 1, Pause: MaxPause, Cooldown: MaxPause, Retention: MinRetention, RecoveryDelay: maxPeriod}
	require.NoError(t, good.Validate())
	require.NoError(t, Genesis{Domain: 2, TrustPeriod: 1, Retention: MinRetention}.Validate(), "without a pause")
	for says, change := range map[string]func(*Genesis){
		"domain 0":                  func(g *Genesis) { g.Domain = 0 },
		"trust period":              func(g *Genesis) { g.TrustPeriod = 0 },
		"a pause of 2592000001 ms":  func(g *Genesis) { g.Pause, g.Cooldown = MaxPause+1, MaxPause+1 },
		"a cool-down of 2591999999": func(g *Genesis) { g.Cooldown-- },
		"kept for 604799999 ms":     func(g *Genesis) { g.Retention-- },
		"a time of more than":       func(g *Genesis) { g.RecoveryDelay++ },
	} {
		g := good
		change(&g)
		err := g.Validate()
		require.ErrorIs(t, err, ErrGenesis)
		require.ErrorContains(t, err, says)
	}
}
