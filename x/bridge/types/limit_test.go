package types_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// TestLimitBoundsEverySpan releases all that is available each second: no span as long as a window sees more than the capacity.
func TestLimitBoundsEverySpan(t *testing.T) {
	const window, capacity = 10, 100
	l := types.NewLimit()
	require.True(t, l.Available(at(5)).IsZero(), "nothing before it is set")
	_, more := l.MoreAt(at(5))
	require.False(t, more)
	l.Set(at(5), sdkmath.NewInt(capacity), window)
	var released []int64
	for second := int64(5); second < 200; second++ {
		part := sdkmath.MinInt(l.Available(at(second)), sdkmath.NewInt(second%37))
		l.Release(at(second), part)
		released = append(released, part.Int64())
		var sum int64
		for _, n := range released[max(0, len(released)-window):] {
			sum += n
		}
		require.LessOrEqual(t, sum, int64(capacity), "in the %d seconds up to %d", window, second)
	}
}

func TestLimitTellsWhenThereIsMore(t *testing.T) {
	l := types.NewLimit()
	l.Set(at(1), sdkmath.NewInt(100), 10)
	_, more := l.MoreAt(at(1))
	require.False(t, more, "there is all")
	l.Release(at(1), sdkmath.NewInt(60))
	require.Equal(t, "40", l.Available(at(9)).String())
	when, more := l.MoreAt(at(9))
	require.True(t, more)
	require.Equal(t, at(20), when, "the window after next forgets this one")
	l.Release(at(12), sdkmath.NewInt(40))
	require.True(t, l.Available(at(19)).IsZero())
	require.Equal(t, "60", l.Available(at(20)).String())
	require.Equal(t, "100", l.Available(at(30)).String())
	l.Set(at(12), sdkmath.NewInt(300), 10)
	require.Equal(t, "200", l.Available(at(12)).String(), "what was released counts")
	quote := l.Quote(at(12))
	require.Equal(t, "200", quote.Available.String())
	require.Equal(t, at(30).UnixMilli(), quote.MoreAtUnixMilli)
}

func TestAddressesAreWrittenAsTheyAreRead(t *testing.T) {
	for form, addresses := range map[types.AddressForm][]string{
		types.ADDRESS_FORM_ETHEREUM: {"0x71C7656EC7ab88b098defB751B7401B5f6d8976F", "0x5FbDB2315678afecb367f032d93F642f64180aa3"},
		types.ADDRESS_FORM_SOLANA:   {"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "So11111111111111111111111111111111111111112"},
	} {
		for _, text := range addresses {
			party, err := form.Parse(text)
			require.NoError(t, err)
			require.Equal(t, text, form.Format(party))
		}
	}
	lower, err := types.ADDRESS_FORM_ETHEREUM.Parse("0x71c7656ec7ab88b098defb751b7401b5f6d8976f")
	require.NoError(t, err, "no checksum is right")
	require.Equal(t, "0x71C7656EC7ab88b098defB751B7401B5f6d8976F", types.ADDRESS_FORM_ETHEREUM.Format(lower))
}

func FuzzAddress(f *testing.F) {
	f.Add("0x71C7656EC7ab88b098defB751B7401B5f6d8976F")
	f.Add("4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range []types.AddressForm{types.ADDRESS_FORM_ETHEREUM, types.ADDRESS_FORM_SOLANA, types.ADDRESS_FORM_UNSPECIFIED} {
			party, err := form.Parse(text)
			if err != nil {
				continue
			}
			again, err := form.Parse(form.Format(party))
			require.NoError(t, err)
			require.Equal(t, party, again)
		}
	})
}
