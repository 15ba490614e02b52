package unixfs

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/spaolacci/murmur3"
)

// hashBits is the length of the hash that places names in a HAMT. Each level takes the next log2(fanout) bits of it,
// the highest first.
const hashBits = 64

// nameHash places a name in a HAMT.
func nameHash(name string) uint64 { return murmur3.Sum64([]byte(name)) }

// shardBits is how many bits of the hash one level takes.
func shardBits(fanout int) int { return bits.TrailingZeros(uint(fanout)) }

// slotOf returns the slot of a hash in a shard whose parents took usedBits of it. It fails with ErrTooDeep when too
// few bits are left.
func slotOf(hash uint64, usedBits, fanout int) (int, error) {
	width := shardBits(fanout)
	if usedBits+width > hashBits {
		return 0, fmt.Errorf("%w: HAMT takes more than %d bits", ErrTooDeep, hashBits)
	}
	return int(hash << usedBits >> (hashBits - width)), nil
}

// prefixLen is the number of hexadecimal digits in front of each name in a shard: enough for the highest slot.
func prefixLen(fanout int) int {
	return (bits.Len(uint(fanout-1)) + 3) / 4
}

const upperHex = "0123456789ABCDEF"

// prefix returns the slot in prefixLen digits.
func prefix(slot, fanout int) string {
	digits := make([]byte, prefixLen(fanout))
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = upperHex[slot&15]
		slot >>= 4
	}
	return string(digits)
}

// parsePrefix reads the slot number in the first width digits of a shard's link name.
func parsePrefix(name string, width int) (slot int, ok bool) {
	if len(name) < width {
		return 0, false
	}
	for i := range width {
		switch d := name[i]; {
		case '0' <= d && d <= '9':
			slot = slot<<4 | int(d-'0')
		case 'A' <= d && d <= 'F':
			slot = slot<<4 | int(d-'A'+10)
		default:
			return 0, false
		}
	}
	return slot, true
}

// shardPrefixes has the prefixes of our own shards one after another, so that naming a link allocates once.
var shardPrefixes = func() string {
	var b strings.Builder
	for slot := range ShardFanout {
		b.WriteString(prefix(slot, ShardFanout))
	}
	return b.String()
}()

// hashedEntry is a directory entry with its place.
type hashedEntry struct {
	hash uint64
	link Link
}

// emitShards lays out a HAMT of at least one entry. A slot with one entry holds it, a slot with more holds a shard of
// them: the same tree whatever the order of insertion.
func emitShards(entries []Link, attrs Attributes, emit Emit) (Link, error) {
	hashed := make([]hashedEntry, len(entries))
	for i, e := range entries {
		hashed[i] = hashedEntry{hash: nameHash(e.Name), link: e}
	}
	slices.SortFunc(hashed, func(x, y hashedEntry) int { return cmp.Compare(x.hash, y.hash) })
	for i := 1; i < len(hashed); i++ {
		if hashed[i].hash == hashed[i-1].hash {
			return Link{}, collision(hashed[i-1].link.Name, hashed[i].link.Name)
		}
	}
	return emitShard(hashed, 0, attrs, emit)
}

func collision(a, b string) error {
	if a == b {
		return fmt.Errorf("%w: %q", ErrDuplicateName, a)
	}
	return fmt.Errorf("%w: %q and %q", ErrNameCollision, a, b)
}

// emitShard emits the shard of entries that agree in the first usedBits of their hashes, and before it its children.
// Distinct hashes part before the bits run out, so the recursion ends.
func emitShard(entries []hashedEntry, usedBits int, attrs Attributes, emit Emit) (Link, error) {
	var bitmap [ShardFanout / 8]byte
	links := make([]Link, 0, min(len(entries), ShardFanout))
	for len(entries) > 0 {
		slot, err := slotOf(entries[0].hash, usedBits, ShardFanout)
		if err != nil {
			return Link{}, err
		}
		n := 1
		for n < len(entries) {
			other, err := slotOf(entries[n].hash, usedBits, ShardFanout)
			if err != nil {
				return Link{}, err
			}
			if other != slot {
				break
			}
			n++
		}
		link := entries[0].link
		if n > 1 {
			if link, err = emitShard(entries[:n], usedBits+shardBits(ShardFanout), Attributes{}, emit); err != nil {
				return Link{}, err
			}
		}
		link.Name = shardPrefixes[2*slot:2*slot+2] + link.Name
		links = append(links, link)
		bitmap[len(bitmap)-1-slot/8] |= 1 << (slot % 8)
		entries = entries[n:]
	}
	return emitNode(emit, len(links), func(i int) Link { return links[i] },
		content{kind: typeShard, data: trimZeros(bitmap[:]), fanout: ShardFanout, Attributes: attrs})
}

// trimZeros drops leading zero bytes.
func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
