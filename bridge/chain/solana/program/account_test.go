package program

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// accounts are those that the program made on the Solana virtual machine, with what must be in them (client_go.test.mjs).
func accounts(t testing.TB) map[string]map[string]any {
	raw, err := os.ReadFile("testdata/accounts.json")
	require.NoError(t, err)
	var all map[string]map[string]any
	require.NoError(t, json.Unmarshal(raw, &all))
	return all
}

func bytesOf(t testing.TB, text any) []byte {
	raw, err := hex.DecodeString(text.(string))
	require.NoError(t, err)
	return raw
}

func number(t testing.TB, text any) uint64 {
	n, err := strconv.ParseUint(text.(string), 10, 64)
	require.NoError(t, err)
	return n
}

func TestDecode(t *testing.T) {
	all := accounts(t)
	data := func(name string) []byte { return bytesOf(t, all[name]["data"]) }
	text := func(b []byte) string { return hex.EncodeToString(b) }

	t.Run("client", func(t *testing.T) {
		want := all["client"]
		c, err := DecodeClient(data("client"))
		require.NoError(t, err)
		require.Equal(t, number(t, want["epoch"]), c.Epoch)
		require.Equal(t, number(t, want["height"]), c.Height)
		require.Equal(t, want["set"], text(c.Set[:]))
		require.Equal(t, want["digest"], text(c.Digest[:]))
		require.Equal(t, number(t, want["staleAt"]), c.StaleAt())
		require.Equal(t, number(t, want["count"]), c.Count)
		require.Len(t, c.Accepted, int(c.Count))
		require.Equal(t, c.Height, c.Accepted[0].Height)
		require.Equal(t, want["newest"], text(c.Accepted[0].OutboxRoot[:]))
		require.Equal(t, want["anchors"], text(c.Accepted[0].AnchorRoot[:]))
		require.Equal(t, c.Height-1, c.Accepted[1].Height)
		require.Nil(t, c.Recovery)
	})
	t.Run("gateway", func(t *testing.T) {
		want := all["gateway"]
		g, err := DecodeGateway(data("gateway"))
		require.NoError(t, err)
		require.EqualValues(t, 2, g.Domain)
		require.Equal(t, want["guardian"], g.Guardian.String())
		require.Equal(t, number(t, want["events"]), g.Events)
		require.Equal(t, number(t, want["pausedUntil"]), g.PausedUntil)
		require.Equal(t, number(t, want["pauseFrom"]), g.PauseFrom)
		require.EqualValues(t, 3*86_400_000, g.Pause)
		require.EqualValues(t, 7*86_400_000, g.Cooldown)
		require.EqualValues(t, 14*86_400_000, g.Retention)
		require.Zero(t, g.Decided)
		require.Equal(t, all["event"]["newest"], g.Recent(g.Events-1).String())
		require.Equal(t, g.Events-EventRing, g.FirstRecent())
		require.Zero(t, Gateway{Events: 3}.FirstRecent())
	})
	t.Run("set", func(t *testing.T) {
		want := all["set"]
		s, err := DecodeSet(data("set"))
		require.NoError(t, err)
		require.Equal(t, want["payer"], s.Payer.String())
		require.Equal(t, want["root"], text(s.Root[:]))
		require.Equal(t, number(t, want["total"]), s.Total)
		require.Equal(t, s.Total, s.Members.TotalPower())
		require.Len(t, s.Members, len(want["members"].([]any)))
		for i, m := range want["members"].([]any) {
			require.Equal(t, m, text(s.Members[i].Address[:]))
		}
	})
	t.Run("session", func(t *testing.T) {
		want := all["session"]
		s, err := DecodeSession(data("session"))
		require.NoError(t, err)
		require.Equal(t, want["digest"], text(s.Digest[:]))
		require.Equal(t, s.Digest, s.Checkpoint.Digest())
		require.Equal(t, number(t, want["power"]), s.Power)
		signed := []any{}
		for i := -1; i < 300; i++ {
			if s.HasSigned(i) {
				signed = append(signed, float64(i))
			}
		}
		require.Equal(t, want["signed"], signed)
	})
	t.Run("record", func(t *testing.T) {
		want := all["record"]
		r, err := DecodeRecord(data("record"))
		require.NoError(t, err)
		require.Equal(t, want["key"], text(r.Key[:]))
		require.Equal(t, number(t, want["height"]), r.Height)
		require.Equal(t, want["record"], text(r.Record[:]))
	})
	t.Run("nonces", func(t *testing.T) {
		n, err := DecodeNonces(data("nonces"))
		require.NoError(t, err)
		for _, nonce := range all["nonces"]["taken"].([]any) {
			require.True(t, n.Taken(uint64(nonce.(float64))))
		}
		for _, nonce := range all["nonces"]["free"].([]any) {
			require.False(t, n.Taken(uint64(nonce.(float64))))
		}
	})
	t.Run("asset", func(t *testing.T) {
		want := all["asset"]
		a, err := DecodeAsset(data("asset"))
		require.NoError(t, err)
		require.Equal(t, want["id"], text(a.ID[:]))
		require.True(t, a.Minted)
		require.EqualValues(t, 18, a.Decimals)
		require.EqualValues(t, 1_000_000_000, a.Scale())
		require.Equal(t, want["mint"], a.Mint.String())
		require.Equal(t, want["symbol"], a.Symbol)
		require.Equal(t, number(t, want["limit"]), a.Limit)
		now := number(t, want["now"])
		for window, left := range want["available"].([]any) {
			require.Equal(t, number(t, left), a.Available(now+uint64(window)*a.Window), "%d windows on", window)
		}
	})
	t.Run("owed", func(t *testing.T) {
		want := all["owed"]
		o, err := DecodeOwed(data("owed"))
		require.NoError(t, err)
		require.Equal(t, want["payer"], o.Payer.String())
		require.Equal(t, number(t, want["nonce"]), o.Nonce)
		require.Equal(t, want["recipient"], o.Recipient.String())
		require.Equal(t, number(t, want["units"]), o.Units)
	})
	t.Run("mail", func(t *testing.T) {
		m, err := DecodeMail(data("mail"))
		require.NoError(t, err)
		require.Equal(t, number(t, all["mail"]["time"]), m.TimeMillis)
		require.Equal(t, all["mail"]["message"], text(m.Message.Encode()))
		require.Equal(t, all["mail"]["payload"], text(m.Payload))
		changed := data("mail")
		changed[len(changed)-1] ^= 1
		_, err = DecodeMail(changed)
		require.ErrorIs(t, err, ErrAccount)
	})
	t.Run("event", func(t *testing.T) {
		e, err := DecodeEvent(data("event"))
		require.NoError(t, err)
		require.Equal(t, wire.KindDelivery, e.Event.Kind)
		require.Equal(t, number(t, all["event"]["nonce"]), e.Event.Nonce)
		require.Equal(t, all["event"]["before"], e.Before.String())
		d, err := wire.DecodeDelivery(e.Payload)
		require.NoError(t, err)
		require.Equal(t, number(t, all["event"]["of"]), d.Nonce)
		require.Equal(t, wire.StatusDone, d.Status)
	})
}

// decoders by the name of what they read.
var decoders = map[string]func([]byte) error{
	"client":  func(b []byte) error { _, err := DecodeClient(b); return err },
	"gateway": func(b []byte) error { _, err := DecodeGateway(b); return err },
	"set":     func(b []byte) error { _, err := DecodeSet(b); return err },
	"session": func(b []byte) error { _, err := DecodeSession(b); return err },
	"buffer":  func(b []byte) error { _, err := DecodeBuffer(b); return err },
	"record":  func(b []byte) error { _, err := DecodeRecord(b); return err },
	"nonces":  func(b []byte) error { _, err := DecodeNonces(b); return err },
	"asset":   func(b []byte) error { _, err := DecodeAsset(b); return err },
	"owed":    func(b []byte) error { _, err := DecodeOwed(b); return err },
	"mail":    func(b []byte) error { _, err := DecodeMail(b); return err },
	"event":   func(b []byte) error { _, err := DecodeEvent(b); return err },
}

func TestDecodeRefuses(t *testing.T) {
	for name, account := range accounts(t) {
		raw := bytesOf(t, account["data"])
		for other, decode := range decoders {
			if other == name {
				require.NoError(t, decode(raw), name)
				require.ErrorIs(t, decode(raw[:len(raw)-1]), ErrAccount, "%s, a byte short", name)
				require.ErrorIs(t, decode(append(raw[:len(raw):len(raw)], 0)), ErrAccount, "%s, a byte more", name)
				continue
			}
			require.ErrorIs(t, decode(raw), ErrAccount, "%s as %s", name, other)
		}
	}
	for name, decode := range decoders {
		require.ErrorIs(t, decode(nil), ErrAccount, name)
	}
}

// The errors are those of the program's source.
func TestErrors(t *testing.T) {
	raw, err := os.ReadFile("../../../solana/program/errors.h")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^  X\((\w+), "(.*)"\)`).FindAllSubmatch(raw, -1)
	require.Len(t, texts, len(found))
	for i, m := range found {
		code := CodeUnknownInstruction + Code(i)
		require.True(t, code.Known())
		require.EqualError(t, code, string(m[2]))
	}
	require.False(t, Code(1).Known())
	require.ErrorContains(t, Code(1), "error 1")
}

func FuzzDecode(f *testing.F) {
	for _, account := range accounts(f) {
		f.Add(bytesOf(f, account["data"]))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		read := 0
		for _, decode := range decoders {
			if err := decode(raw); err == nil {
				read++
			} else {
				require.ErrorIs(t, err, ErrAccount)
			}
		}
		require.LessOrEqual(t, read, 1, "an account is of one type")
	})
}
