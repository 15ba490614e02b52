// Package data stores and reads content: the data layer of section 3.2 of the specification paper, with the PUT, GET
// and DELETE operations of section 4.3.
//
// An Engine works on one store.Store. Put takes a stream of files and directories, cuts it into blocks, drops those
// that are stored already, packs small ones together, encodes them on all cores, lays out the UnixFS DAG and ends with
// a signed manifest that is pinned. Get streams a file, a part of one, or a tree, every block verified before a byte of
// it is handed on; what is missing comes through a Fetcher. A layout names the encodings that a storage deal is about
// and is kept, encodings and all, as long as someone holds it.
//
// What nothing keeps is garbage: GC keeps pinned manifests, held layouts, and what running puts have touched (their
// leases). A put that fails or is killed leaves garbage and nothing else, since the pin is written last and only after
// everything it needs.
//
// Metadata keys in the store, CIDs and digests binary:
//
//	pin/<root CID><manifest digest>              the manifest's header block
//	layout/<layout digest>                       the layout's header block
//	layoutof/<manifest digest><layout digest>    empty; finds the layouts of a manifest
//	commd/<comm_d><layout digest>                empty; finds a layout by its commitment
//	hold/<layout digest><holder>                 when the hold was taken, unix milliseconds, big endian
//	scrub                                        how far the scrubber is: ScrubState in JSON
package data
