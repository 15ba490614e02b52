package network

import (
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
)

func TestDialOrder(t *testing.T) {
	delays := func(addrs ...string) map[string]time.Duration {
		var parsed []ma.Multiaddr
		for _, s := range addrs {
			parsed = append(parsed, ma.StringCast(s))
		}
		result := make(map[string]time.Duration)
		for _, d := range rankDials(parsed) {
			result[d.Addr.String()] = d.Delay
		}
		require.Len(t, result, len(addrs))
		return result
	}
	const loopTCP, loopQUIC = "/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/udp/1/quic-v1"
	const farTCP, farQUIC = "/ip4/203.0.113.7/tcp/1", "/ip4/203.0.113.7/udp/1/quic-v1"

	d := delays(loopQUIC, loopTCP)
	require.Less(t, d[loopTCP], d[loopQUIC], "TCP first within a machine")
	d = delays(farQUIC, farTCP)
	require.Less(t, d[farQUIC], d[farTCP], "QUIC first between machines")
	require.Zero(t, delays(loopQUIC)[loopQUIC], "no waiting where there is no choice")
	delays(loopQUIC, loopTCP, farQUIC, farTCP)
}
