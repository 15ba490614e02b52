//go:build !race

package raced

// On tells whether the race detector is on.
const On = false
