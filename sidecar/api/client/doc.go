// Package client is the caller's side of the data node's API (section 10.4 of the specification paper): it streams files
// of this machine to a daemon and restores what the daemon streams back.
//
// Put walks a tree in the order that the API asks for and stores what it finds there: files with their exec bit,
// directories, empty ones too, and symbolic links, which are not followed. Restore writes a tree beside its target and
// renames it when it is complete, so that a target is there whole or not at all, and never writes through a link.
package client
