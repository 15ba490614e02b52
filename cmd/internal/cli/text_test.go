package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseCoin(t *testing.T) {
	for text, want := range map[string]string{
		"0":                        "0",
		"2000000000000000":         "2000000000000000",
		"25aipdm":                  "25",
		"0.002IPDM":                "2000000000000000",
		"1IPDM":                    "1000000000000000000",
		"1.5 ipdm":                 "1500000000000000000",
		"0.000000000000000001ipdm": "1",
	} {
		got, err := ParseCoin(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-1", "+1", "1e5", "1_0", "0.5", "0.0000000000000000001ipdm", ".5ipdm", "ipdm", "ten"} {
		_, err := ParseCoin(text)
		require.ErrorIs(t, err, ErrUsage, text)
	}
}

func TestCoinText(t *testing.T) {
	for aipdm, want := range map[string]string{
		"0": "0 IPDM", "1": "0.000000000000000001 IPDM", "2000000000000000": "0.002 IPDM",
		"1000000000000000000": "1 IPDM", "-1500000000000000000": "-1.5 IPDM",
	} {
		require.Equal(t, want, CoinText(aipdm))
	}
}

func TestSizeText(t *testing.T) {
	for bytes, want := range map[uint64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 5 << 30: "5.0 GiB", 1 << 60: "1024.0 PiB"} {
		require.Equal(t, want, SizeText(bytes))
	}
}

func TestPrintable(t *testing.T) {
	require.Equal(t, "grüße.txt", printable("grüße.txt"))
	require.Equal(t, `"a\x1b[2Jb"`, printable("a\x1b[2Jb"))
	require.Equal(t, `"\xff"`, printable("\xff"))
}

func TestGetRequest(t *testing.T) {
	const root = "bafyb4iase46ozvklwuk4qsnnwbjnvbdcnxrplkzydncjqlz5wfmskrtky4"
	for text, want := range map[string][2]int64{"0-0": {0, 0}, "5-": {5, -1}, "1-20": {1, 20}} {
		r, err := getRequest("/ipfs/"+root+"/a//b/", text)
		require.NoError(t, err, text)
		require.Equal(t, root, r.Root)
		require.Equal(t, "a//b", string(r.Path), "the daemon judges the path")
		require.True(t, r.HasRange)
		require.Equal(t, want, [2]int64{r.First, r.Last})
	}
	for _, text := range []string{"-", "-5", "5", "a-b", "5-4", "1-2-3", " 1-2", "99999999999999999999-"} {
		_, err := getRequest(root, text)
		require.ErrorIs(t, err, ErrUsage, text)
	}
	for _, target := range []string{"", "/", "x", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "../" + root} {
		_, err := getRequest(target, "")
		require.ErrorIs(t, err, ErrUsage, target)
	}
}
