package chunk

import (
	"encoding/binary"

	"lukechampine.com/blake3"
)

// gearSeed names the gear table; the table is the first 2 KiB of BLAKE3's extended output over it.
const gearSeed = "IPDM content-defined chunking, gear table 1"

// gear gives each byte value its random 64-bit word. It is never written after package initialisation.
var gear = newGear()

func newGear() (table [256]uint64) {
	h := blake3.New(32, nil)
	_, _ = h.Write([]byte(gearSeed)) // hashing cannot fail
	var raw [256 * 8]byte
	_, _ = h.XOF().Read(raw[:]) // 2 KiB of an endless stream
	for i := range table {
		table[i] = binary.LittleEndian.Uint64(raw[i*8:])
	}
	return table
}
