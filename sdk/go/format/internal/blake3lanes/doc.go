// Package blake3lanes hashes eight short messages with BLAKE3 side by side (section 8.1 of the specification paper: speed). A
// message of one chunk leaves a processor nothing to do at the same time but with other messages, and nodes hash millions
// of them: small blocks, leaves and nodes of trees.
package blake3lanes
