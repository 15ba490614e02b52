// Package unixfs lays files, directories and symbolic links out as UnixFS DAGs and reads them back.
//
// It serves sections 4.1 and 5.2 of the specification paper (content addressing, files and directories on IPFS). A
// root made here can be fetched and verified by any IPFS implementation over plain Bitswap, and for the same chunk
// boundaries its CID equals that of boxo's balanced importer with raw leaves, CIDv1 and BLAKE3; docs/spec/unixfs.md
// lists the pinned parameters. The layout of a node is
//
//	dag-pb   PBNode{ Links: [PBLink{Hash, Name, Tsize} ...], Data }        links before data, as in Kubo
//	UnixFS   Data{ Type, Data?, filesize?, blocksizes..., hashType?, fanout?, mode?, mtime? }
//
// FileBuilder, DirBuilder and EncodeSymlink write. They see digests and sizes only and hand each finished node to an
// Emit callback, so they hold one path of a file's tree or the entries of one directory, never content.
//
// DecodeNode, Load, OpenFile, ListDir, Lookup, ResolvePath and Walk read blocks through a Getter. The Getter must
// have checked that the bytes match the CID. Everything else is treated as hostile: lengths are bounded before
// memory is allocated, sizes that contradict each other are errors, and depth is bounded. A DAG cannot contain a
// cycle, since a node's CID covers its links.
//
// Builders are not safe for concurrent use; build many files at once with one FileBuilder each. All functions and
// the decoded values they return are safe for concurrent reading.
package unixfs
