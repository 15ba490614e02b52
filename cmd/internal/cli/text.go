package cli

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SizeText writes a number of bytes for people.
func SizeText(bytes uint64) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, units := float64(bytes)/1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB"}
	for len(units) > 1 && value >= 1024 {
		value, units = value/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}

// coinDecimals is how many decimals the display coin has.
const coinDecimals = 18

// CoinText writes an amount of aipdm as IPDM for people.
func CoinText(aipdm string) string {
	n, ok := new(big.Int).SetString(aipdm, 10)
	if !ok {
		return aipdm + " aipdm"
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	text := fmt.Sprintf("%0*s", coinDecimals+1, n.String())
	whole, fraction := text[:len(text)-coinDecimals], strings.TrimRight(text[len(text)-coinDecimals:], "0")
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction + " IPDM"
}

// ParseCoin reads an amount: whole aipdm, or IPDM with decimals such as 0.002IPDM.
func ParseCoin(text string) (string, error) {
	if number, ok := strings.CutSuffix(strings.ToLower(text), "ipdm"); ok && !strings.HasSuffix(number, "a") {
		whole, fraction, _ := strings.Cut(strings.TrimSpace(number), ".")
		if len(fraction) > coinDecimals || whole == "" {
			return "", Usagef("%q is not an amount such as 2000000000000000 (aipdm) or 0.002IPDM", text)
		}
		text = whole + fraction + strings.Repeat("0", coinDecimals-len(fraction))
	}
	text = strings.TrimSpace(strings.TrimSuffix(strings.ToLower(text), "aipdm"))
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 255 || strings.ContainsAny(text, "+-_") {
		return "", Usagef("%q is not an amount such as 2000000000000000 (aipdm) or 0.002IPDM", text)
	}
	return n.String(), nil
}

// printable quotes text with control characters or bytes that are no UTF-8.
func printable(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
