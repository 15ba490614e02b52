package prefetch_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// inBubble runs a test with a clock of its own, on which nothing takes time but the slow store.
func inBubble(t *testing.T, guess bool, stageBytes uint64, test func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, guess, stageBytes)
		defer w.close(t)
		test(t, w)
	})
}

// TestSequentialReaderFindsTheNextBlocksInMemory: one who reads a root from end to end over Bitswap waits for the store a
// few times and not for each block, and nothing is read twice.
func TestSequentialReaderFindsTheNextBlocksInMemory(t *testing.T) {
	const n = 200
	took := map[bool]time.Duration{}
	for _, guess := range []bool{false, true} {
		inBubble(t, guess, stageBytes, func(t *testing.T, w *world) {
			c := w.pin(t, 1, n, leafBytes, 1)
			began := time.Now()
			for _, b := range c.blocks {
				w.get(t, b)
				synctest.Wait() // the network is slower than a guess
			}
			took[guess] = time.Since(began)
			all, most := w.slow.total()
			if !guess {
				require.Equal(t, n+1, all)
			} else {
				require.LessOrEqual(t, all, n+1+3, "the manifest, and at most one block that was being read when it was planned")
				require.LessOrEqual(t, most, 2)
				f := w.prefetch.Figures()
				require.LessOrEqual(t, f.Loaded, f.Used+1, "nothing else is loaded in vain")
				require.Greater(t, f.Used, uint64(n*9/10))
				require.LessOrEqual(t, w.slow.most, 9, "reads at a time")
				require.EqualValues(t, n+1, w.cache.Figures().Misses, "the cache sees the reads of the reader")
			}
		})
	}
	require.Equal(t, (n+1)*latency, took[false])
	require.Less(t, took[true], took[false]/4)
}

// TestReadersMeetInTheMiddle: reading in order from somewhere inside is found out as well, also when several blocks are
// read at a time, which come in disorder.
func TestReadersMeetInTheMiddle(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 200, leafBytes, 1)
		w.get(t, c.blocks[0])
		synctest.Wait()
		for i := 80; i < 140; i += 4 {
			for _, k := range []int{2, 0, 3, 1} {
				w.get(t, c.blocks[i+k])
				synctest.Wait()
			}
		}
		require.Greater(t, w.prefetch.Figures().Used, uint64(40))
		_, most := w.slow.total()
		require.Equal(t, 1, most)
	})
}

// TestRandomReaderCausesNextToNoPrefetch: blocks read here and there tell of none to come.
func TestRandomReaderCausesNextToNoPrefetch(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		const n = 2000
		c := w.pin(t, 1, n, 4<<10, 1)
		w.get(t, c.blocks[0])
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		atRoot := w.prefetch.Figures().Loaded
		rng := rand.New(rand.NewPCG(1, 1))
		const reads = 400
		for range reads {
			w.get(t, c.blocks[1+rng.IntN(n)])
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		require.LessOrEqual(t, (w.prefetch.Figures().Loaded-atRoot)*(4<<10), uint64(2<<20), "at most two windows of the smallest size")
	})
}

// TestWindowIsBounded: what is loaded ahead is small at first, grows while it is used, and never more than half of what
// the stage takes.
func TestWindowIsBounded(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 300, leafBytes, 1)
		most := uint64(0)
		for i, b := range c.blocks {
			w.get(t, b)
			time.Sleep(time.Second) // a slow reader
			synctest.Wait()
			ahead := w.prefetch.Figures().Bytes
			if i == 0 {
				require.InDelta(t, 1<<20, ahead, 1<<14)
			}
			most = max(most, ahead)
		}
		require.GreaterOrEqual(t, most, uint64(3<<20))
		require.LessOrEqual(t, most, uint64(stageBytes/2+1<<16))
	})
}

// TestWindowShrinksWhenBlocksAreDisplaced: readers that do not fit beside each other get less each, and the bound holds.
func TestWindowShrinksWhenBlocksAreDisplaced(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		var all []*content
		for seed := range uint64(6) {
			all = append(all, w.pin(t, seed, 100, leafBytes, 1))
		}
		for i := range all[0].blocks {
			for _, c := range all {
				w.get(t, c.blocks[i])
				time.Sleep(latency)
				synctest.Wait()
				require.LessOrEqual(t, w.prefetch.Figures().Bytes, uint64(stageBytes))
			}
		}
		f := w.prefetch.Figures()
		require.Positive(t, f.Displaced)
		require.Greater(t, f.Used, 3*f.Displaced, "%+v", f)
	})
}

// TestPagesFollow: a manifest of several pages is followed beyond the first.
func TestPagesFollow(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		w.slow.latency = time.Microsecond
		c := w.pin(t, 1, 7000, 200, 1)
		for _, b := range c.blocks {
			w.get(t, b)
			time.Sleep(10 * time.Microsecond)
			synctest.Wait()
		}
		require.Greater(t, w.prefetch.Figures().Used, uint64(6900))
	})
}

// TestUnknownRootIsFollowedByItsLinks: without a manifest it is the links of nodes that say what comes next.
func TestUnknownRootIsFollowedByItsLinks(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		const n = 3 * unixfs.LinkWidth / 2
		file := leaves(1, n, 16<<10)
		nodes := map[format.Digest]format.Block{}
		builder := unixfs.NewFileBuilder(func(codec uint64, d format.Digest, body []byte) error {
			nodes[d] = format.Block{Codec: codec, Digest: d, Data: body}
			w.slow.put(t, 1, nodes[d])
			return nil
		})
		for _, b := range file {
			require.NoError(t, builder.AddLeaf(b.Digest, len(b.Data)))
		}
		root, err := builder.Finish(unixfs.Attributes{})
		require.NoError(t, err)
		w.slow.put(t, 1, file...)
		began, reads := time.Now(), 0
		var visit func(d format.Digest)
		visit = func(d format.Digest) {
			node, ok := nodes[d]
			if !ok {
				w.get(t, file[reads])
				require.Equal(t, d, file[reads].Digest)
				reads++
				synctest.Wait()
				return
			}
			w.get(t, node)
			synctest.Wait()
			decoded, err := unixfs.DecodeNode(node.Data)
			require.NoError(t, err)
			for _, l := range decoded.Links {
				below, err := format.DigestOf(l.Cid)
				require.NoError(t, err)
				visit(below)
			}
		}
		start, err := format.DigestOf(root.Cid)
		require.NoError(t, err)
		visit(start)
		require.Equal(t, n, reads)
		require.Less(t, time.Since(began), time.Duration(n)*latency/4)
		_, most := w.slow.total()
		require.Equal(t, 1, most)
	})
}

// serve reads a block as the data protocol does: the encoding that holds it, to a reader.
func (w *world) serve(t *testing.T, reader string, b format.Block) {
	t.Helper()
	w.prefetch.ServedEncoding(reader, b.Digest)
	at, err := w.source.Locate(t.Context(), b.Digest)
	require.NoError(t, err)
	got, err := w.source.Encoding(t.Context(), at[0])
	require.NoError(t, err)
	require.Equal(t, at[0], format.Sum(got))
	synctest.Wait()
}

// TestEncodingsAreLoadedForTheDataProtocol: it is encodings that wait in memory, each once although it holds several
// blocks; whoever checks what is stored reads the store.
func TestEncodingsAreLoadedForTheDataProtocol(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		const each = 4
		c := w.pin(t, 1, 200, leafBytes/each, each)
		began := time.Now()
		w.serve(t, "a", c.manifest)
		time.Sleep(4 * latency)
		synctest.Wait()
		w.serve(t, "a", c.blocks[0])
		for i := 1; i < len(c.blocks); i += each {
			w.serve(t, "a", c.blocks[i])
		}
		require.Less(t, time.Since(began), 52*latency/3)
		_, most := w.slow.total()
		require.Equal(t, 1, most)
		f := w.prefetch.Figures()
		require.Greater(t, f.Used, uint64(45))
		require.Equal(t, f.Used, f.Loaded)

		w.serve(t, "b", c.blocks[0])
		time.Sleep(time.Second)
		synctest.Wait()
		require.Positive(t, w.prefetch.Figures().Bytes)
		at, err := w.cache.Locate(t.Context(), c.blocks[1].Digest)
		require.NoError(t, err)
		before := w.slow.of(at[0])
		_, err = w.cache.Encoding(t.Context(), at[0])
		require.NoError(t, err)
		require.Equal(t, before+1, w.slow.of(at[0]))
	})
}

// TestEncodingsAskedForAreLoaded: those of one request, by their own digests, while the first are being sent.
func TestEncodingsAskedForAreLoaded(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		const n = 100
		blocks := leaves(1, n, leafBytes)
		w.slow.put(t, 1, blocks...)
		var encodings []format.Digest
		for _, b := range blocks {
			at, err := w.cache.Locate(t.Context(), b.Digest)
			require.NoError(t, err)
			encodings = append(encodings, at[0])
		}
		began := time.Now()
		w.prefetch.Asked("a", encodings)
		synctest.Wait()
		for _, d := range encodings {
			w.prefetch.ServedEncoding("a", d)
			got, err := w.source.Encoding(t.Context(), d)
			require.NoError(t, err)
			require.Equal(t, d, format.Sum(got))
			synctest.Wait()
		}
		require.Less(t, time.Since(began), n*latency/4)
		all, most := w.slow.total()
		require.Equal(t, n, all)
		require.Equal(t, 1, most)
		require.LessOrEqual(t, w.prefetch.Figures().Bytes, uint64(stageBytes))
	})
}

// TestStrangersDoNotMoveBlocks: neither one who asks for encodings by the digests of blocks, nor a manifest that nobody
// pinned, keeps others from being followed.
func TestStrangersDoNotMoveBlocks(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 100, leafBytes, 1)
		forged := w.list(t, 2, append([]format.Block{c.blocks[0]}, leaves(2, 100, 100)...), 1)
		w.get(t, forged.manifest)
		time.Sleep(time.Second)
		synctest.Wait()
		w.get(t, c.blocks[0])
		time.Sleep(time.Second)
		synctest.Wait()
		var reversed []format.Digest
		for _, b := range c.blocks {
			reversed = append([]format.Digest{b.Digest}, reversed...)
		}
		w.prefetch.Asked("stranger", reversed)
		time.Sleep(time.Second)
		synctest.Wait()
		began := time.Now()
		for _, b := range c.blocks[1:] {
			w.get(t, b)
			synctest.Wait()
		}
		require.Less(t, time.Since(began), 100*latency/4)
	})
}

// TestPartsReadBesideEachOther: a reader that asks for several parts at a time has each followed, and what one part has got
// already is not loaded for another.
func TestPartsReadBesideEachOther(t *testing.T) {
	inBubble(t, true, 2*stageBytes, func(t *testing.T, w *world) {
		const parts, each = 4, 50
		c := w.pin(t, 1, parts*each, leafBytes, 1)
		w.serve(t, "a", c.blocks[0])
		time.Sleep(time.Second)
		for i := range each {
			for part := range parts {
				w.serve(t, "a", c.blocks[1+part*each+i])
			}
		}
		f := w.prefetch.Figures()
		require.Greater(t, f.Used, uint64(parts*each*8/10))
		require.LessOrEqual(t, f.Loaded, f.Used+2, "%+v", f)
		all, _ := w.slow.total()
		require.LessOrEqual(t, all, parts*each+1+1+2)
	})
}

// TestReaderWaitsForWhatIsBeingLoaded: it is not read a second time, and if the loading fails the reader reads it itself.
func TestReaderWaitsForWhatIsBeingLoaded(t *testing.T) {
	for _, loadErr := range []error{nil, errors.New("bucket on fire")} {
		inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
			c := w.pin(t, 1, 20, leafBytes, 1)
			second := c.blocks[2]
			w.slow.fail[second.Digest] = loadErr
			release := w.slow.hold(second.Digest)
			w.get(t, c.blocks[0])
			time.Sleep(time.Second)
			synctest.Wait()
			require.Equal(t, 1, w.slow.of(second.Digest), "it is being loaded")
			got := make(chan error, 2)
			for range 2 {
				go func() {
					b, err := w.cache.Open(t.Context(), second.Digest)
					if err == nil && len(b.Data) != leafBytes {
						err = errors.New("not the block")
					}
					got <- err
				}()
			}
			synctest.Wait()
			require.Empty(t, got)
			release()
			require.ErrorIs(t, <-got, loadErr)
			require.ErrorIs(t, <-got, loadErr)
			if loadErr == nil {
				require.Equal(t, 1, w.slow.of(second.Digest))
			}
		})
	}
}

// TestReaderDoesNotWaitForever: it may give up while a block is being loaded.
func TestReaderDoesNotWaitForever(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 20, leafBytes, 1)
		defer w.slow.hold(c.blocks[2].Digest)()
		w.get(t, c.blocks[0])
		time.Sleep(time.Second)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.cache.Open(ctx, c.blocks[2].Digest)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// TestServingDoesNotWait: reports return at once while the store hangs; too many are lost, and counted.
func TestServingDoesNotWait(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 100, leafBytes, 1)
		w.slow.latency = time.Hour
		began := time.Now()
		w.prefetch.ServedBlock(c.root())
		synctest.Wait()
		for range 3000 {
			w.prefetch.ServedBlock(c.root())
		}
		require.Zero(t, time.Since(began))
		require.EqualValues(t, 3000-1024, w.prefetch.Figures().Lost)
	})
}

// TestCloseEndsLoading: Close does not wait for the store, nothing is loaded afterwards, and those who wait read themselves.
func TestCloseEndsLoading(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 100, leafBytes, 1)
		w.slow.latency = time.Hour
		go func() { _, _ = w.serving.Get(t.Context(), c.blocks[0].CID()) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		before, _ := w.slow.total()
		require.Greater(t, before, 1)
		began := time.Now()
		w.prefetch.Close()
		require.Zero(t, time.Since(began))
		w.slow.latency = latency
		for _, b := range c.blocks {
			got, err := w.cache.Open(t.Context(), b.Digest)
			require.NoError(t, err)
			require.Equal(t, b.Data, got.Data)
		}
		w.prefetch.ServedBlock(c.blocks[50].Digest)
		synctest.Wait()
		require.Zero(t, w.prefetch.Figures().Loaded)
	})
}

// TestDeletedIsForgotten: what has been loaded cannot be read any more once it is deleted, also if it was being loaded.
func TestDeletedIsForgotten(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		c := w.pin(t, 1, 4, leafBytes, 1)
		release := w.slow.hold(c.blocks[2].Digest)
		w.get(t, c.blocks[0])
		time.Sleep(time.Second)
		synctest.Wait()
		var batch store.Batch
		for _, b := range c.blocks[1:] {
			at, err := w.cache.Locate(t.Context(), b.Digest)
			require.NoError(t, err)
			batch.DeleteEncoding(at[0])
		}
		require.NoError(t, w.cache.Apply(t.Context(), &batch, store.Lazy))
		release()
		time.Sleep(time.Second)
		synctest.Wait()
		for _, b := range c.blocks[1:] {
			_, err := w.cache.Open(t.Context(), b.Digest)
			require.ErrorIs(t, err, store.ErrNotFound)
		}
		require.Zero(t, w.prefetch.Figures().Bytes)
	})
}
