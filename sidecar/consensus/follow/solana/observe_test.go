package solana

import (
	"fmt"
	"testing"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

var (
	one   = solanago.MustPublicKeyFromBase58("SysvarC1ock11111111111111111111111111111111")
	other = solanago.MustPublicKeyFromBase58("SysvarRent111111111111111111111111111111111")
	owner = solanago.MustPublicKeyFromBase58("BPFLoaderUpgradeab1e11111111111111111111111")
)

// state is an account of the owner with that many lamports.
func state(lamports uint64) *account {
	return &account{Lamports: lamports, Owner: &owner, Data: []string{"AQI=", "base64"}}
}

// seen is a look, or a notice, of an account in a slot.
type seen struct {
	look     bool
	slot     uint64
	lamports uint64
	stored   bool // it is a change that was not known
}

func TestEveryChangeIsOneOnce(t *testing.T) {
	for name, sightings := range map[string][]seen{
		"looks only":                 {{true, 5, 1, true}, {true, 6, 1, false}, {true, 7, 2, true}, {true, 8, 1, true}},
		"notices only":               {{false, 5, 1, true}, {false, 6, 2, true}, {false, 7, 1, true}},
		"a look repeats":             {{false, 5, 1, true}, {true, 5, 1, false}, {true, 9, 1, false}},
		"notices behind a look":      {{true, 5, 1, true}, {true, 9, 4, true}, {false, 6, 2, true}, {false, 7, 3, true}, {false, 8, 4, false}},
		"a notice repeats":           {{true, 5, 1, true}, {true, 9, 4, true}, {false, 6, 2, true}, {false, 6, 2, false}},
		"older than what is stored":  {{true, 5, 1, true}, {false, 4, 9, false}, {false, 5, 9, false}, {true, 4, 9, false}},
		"a slot has one state":       {{true, 5, 1, true}, {true, 5, 2, false}, {true, 6, 2, true}},
		"there and back between":     {{true, 5, 1, true}, {true, 9, 1, false}, {false, 7, 2, true}, {false, 8, 1, true}},
		"a first notice, then looks": {{false, 7, 1, true}, {true, 9, 2, true}, {false, 6, 3, false}},
	} {
		s := New(nil, Options{Accounts: []solanago.PublicKey{one}, MaxAccounts: 10})
		for i, at := range sightings {
			change, known, err := s.observe(sighting{at.slot, one, state(at.lamports)}, at.look)
			require.NoError(t, err, name)
			require.Equal(t, at.stored, change != nil, "%s: %d", name, i)
			if change == nil {
				continue
			}
			require.Equal(t, at.slot, change.Position, name)
			s.cursor.Advance(feed.Cursor{Accounts: map[string]*feed.Account{one.String(): known}})
		}
	}
}

func TestAProgramsAccountIsForgottenWhenItLeaves(t *testing.T) {
	s := New(nil, Options{Program: owner, MaxAccounts: 1})
	change, known, err := s.observe(sighting{5, one, state(1)}, true)
	require.NoError(t, err)
	s.cursor.Advance(feed.Cursor{Accounts: map[string]*feed.Account{one.String(): known}})
	require.Equal(t, fmt.Sprintf(
		`{"account":"%s","data":"AQI=","executable":false,"lamports":1,"owner":"%s","slot":5,"type":"account","v":1}`, one, owner,
	), string(change.Line), "the form of a line is for ever")

	_, _, err = s.observe(sighting{6, other, state(1)}, false)
	require.ErrorContains(t, err, "more than the 1 accounts of max_accounts")

	change, known, err = s.observe(sighting{7, one, gone()}, true)
	require.NoError(t, err)
	require.NotNil(t, change)
	require.Nil(t, known)
	s.cursor.Advance(feed.Cursor{Accounts: map[string]*feed.Account{one.String(): known}})
	require.Empty(t, s.cursor.Accounts)
}

func TestWhatIsNoAccount(t *testing.T) {
	for name, a := range map[string]*account{
		"no owner":         {Data: []string{"", "base64"}},
		"no data":          {Owner: &owner},
		"other encoding":   {Owner: &owner, Data: []string{"", "base58"}},
		"no base64":        {Owner: &owner, Data: []string{"?", "base64"}},
		"loose base64":     {Owner: &owner, Data: []string{"AQI", "base64"}},
		"a digit too much": {Owner: &owner, Data: []string{"AQJ=", "base64"}},
		"too long":         {Owner: &owner, Data: []string{"AQIDBAUGBwgJ", "base64"}},
	} {
		require.Error(t, a.check(one, 4), name)
	}
	require.NoError(t, state(1).check(one, 2))
	require.NoError(t, gone().check(one, 1))
}
