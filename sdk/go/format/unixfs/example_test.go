package unixfs_test

import (
	"context"
	"fmt"
	"os"

	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// A directory with one file of two chunks, written and read back.
func Example() {
	store := newMemory() // has emit, an unixfs.Emit, and get, an unixfs.Getter

	file := unixfs.NewFileBuilder(store.emit)
	for _, chunk := range []string{"content-", "addressed\n"} {
		if err := file.AddLeaf(store.raw([]byte(chunk)), len(chunk)); err != nil {
			panic(err)
		}
	}
	link, err := file.Finish(unixfs.Attributes{})
	if err != nil {
		panic(err)
	}
	var dir unixfs.DirBuilder
	if err := dir.Add("name.txt", link); err != nil {
		panic(err)
	}
	root, err := dir.Finish(unixfs.Attributes{}, store.emit)
	if err != nil {
		panic(err)
	}
	fmt.Println(root.Cid, root.TotalSizeBytes)

	ctx := context.Background()
	found, err := unixfs.ResolvePath(ctx, store.get, root.Cid, "name.txt")
	if err != nil {
		panic(err)
	}
	f, err := unixfs.OpenFile(ctx, store.get, found.Cid)
	if err != nil {
		panic(err)
	}
	if err := f.CopyRange(ctx, os.Stdout, 8, f.SizeBytes()); err != nil {
		panic(err)
	}
	// Output:
	// bafyb4ig73jzmcebjvhyevjctwy6dl7l7n3yeczrvbw5vpsldbyi6xbtcz4 172
	// addressed
}
