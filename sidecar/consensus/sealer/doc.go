// Package sealer makes sealed replicas on disk and opens them (paper section 3.4): the files around the arithmetic of
// x/porep/proof/sdr.
//
// A Store keeps one folder a sector, named by the provider's number of it:
//
//	sector.json           the plan, how far it is, and the commitments; written anew whole, renamed into place
//	layer-01 .. layer-11  labels, 32 bytes a node; as long as seal records may be asked for
//	tree-c                the tree over the columns, for seal records
//	replica               the sealed nodes, 32 bytes each
//	tree-r                the tree over the replica
//
// A tree file has the rows of the tree from the parents of 128 leaves up to the root, lowest first, 32 bytes a node; what is below is
// hashed again from the labels or the replica when it is needed, which is 4 KiB of the replica, and is compared with the row: damage
// is found before anything is shown. A sector being sealed takes 12 times its size and 1/32; a finished one its size and 1/64.
//
// Sealing streams: labels are made in memory and written to their files, or in the mapped files where there is little memory, so that a
// sealer keeps no more than Options.MemoryBytes. Every checkpoint is synced, and a killed sealer goes on from the last one, after it has
// compared the layers with their digests. A layer is sequential by design. Several sectors are sealed at a time instead: a pair that is
// labelled shares a thread of low priority, which takes turns between them, and the trees are hashed by all cores. Hold makes all of it
// stand still within milliseconds.
//
// docs/spec/sector-files.md describes every file.
package sealer
