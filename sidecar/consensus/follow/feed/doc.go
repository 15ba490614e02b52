// Package feed is what passes between a source, which reads the finalized state of another chain, and what stores it (section 9.1
// of the specification paper). docs/spec/follow.md draws the lines that become of changes.
package feed
