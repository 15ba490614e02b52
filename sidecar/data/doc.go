// Package data stores and reads content: the data layer of section 3.2 of the specification paper, with the PUT, GET
// and DELETE operations of section 4.3. What is pinned is told to an Index, so that it can be queried: see package
// catalogue.
//
// An Engine works on one store.Store. Put takes a stream of files and directories, cuts it into blocks, drops those
// that are stored already, packs small ones together, encodes them on all cores, lays out the UnixFS DAG and ends with
// a signed manifest that is pinned. Get streams a file, a part of one, or a tree, every block verified before a byte of
// it is handed on; what is missing comes through a Fetcher. A layout names the encodings that a storage deal is about
// and is kept, encodings and all, as long as someone holds it.
//
// A put may supersede a manifest: the old version stays pinned for a time, and History lists them all. Delete unpins a
// root and leaves a tombstone, by which it is not read any more.
//
// What nothing keeps is cache: GC and Evict keep pinned manifests, held layouts, and what running puts have touched (their
// leases); GC deletes the rest, Evict what is deleted and as much of the cache as is too much, the coldest first. A put that fails or is killed leaves garbage and nothing else, since the pin is written last and only after
// everything it needs.
//
// Metadata keys in the store, CIDs and digests binary:
//
//	pin/<root CID><manifest digest>              the manifest's header block
//	layout/<layout digest>                       the layout's header block
//	layoutof/<manifest digest><layout digest>    empty; finds the layouts of a manifest
//	commd/<comm_d><layout digest>                empty; finds a layout by its commitment
//	hold/<layout digest><holder>                 when the hold was taken, unix milliseconds, big endian
//	superseded/<manifest digest><digest of its successor>  until when the old version is kept
//	pusher/<manifest digest>                     for which peer alone it is pinned, as text; none for the node itself
//	tombstone/<root digest>                      who deleted the root, when, and its manifests
//	heat                                         how often blocks are read, as package heat saves it
//	successors                                   which root is opened after which, as package heat saves it
//
// docs/spec/store-records.md draws the values of superseded and tombstone.
//
//	scrub                                        how far the scrubber is: ScrubState in JSON
package data
