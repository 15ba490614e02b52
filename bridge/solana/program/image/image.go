// Package image is the compiled program on Solana (paper section 10.1), as `make solana-program` makes it.
package image

import _ "embed"

// V3 is the image for sBPF v3.
//
//go:embed ipdm_v3.so
var V3 []byte
