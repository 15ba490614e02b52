// Package dagcbor writes and strictly reads the part of canonical dag-cbor that manifests and layouts use (paper section
// 4.1): unsigned integers, byte and text strings, arrays, maps with known keys, links and null.
//
// Canonical means one byte form for one value: shortest integers and lengths, no indefinite lengths, map keys in the
// order length then bytes, links as tag 42 over a byte string that begins with zero. The Decoder is told what to
// expect, so any other form is an error and nothing is allocated that the bytes present do not pay for.
package dagcbor
