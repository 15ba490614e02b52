// Package api serves the data node's gRPC API, ipdm.sidecar.v1 (section 10.4 of the specification paper): DataService
// stores and reads content, NodeService describes and steers the daemon, VerdictService judges seal proofs for a validator
// on the same machine, FollowService tells how far the daemon is with other chains. The CLI is its first user; it streams file bytes and never hands the daemon a path of its disk.
//
// The API listens on loopback and has no authentication: whoever may connect to it is the node's user. It is hardened
// against mistakes, not against that user: messages and streams are bounded, a panic ends one call and not the daemon, and
// every error carries a status code that tells a program what kind it is and a message that tells a person what to do.
//
//	InvalidArgument     the request is wrong: a CID, a path, tags, a range
//	NotFound            it is not stored here, and nobody was found who has it
//	DataLoss            stored or fetched bytes do not match their digest
//	ResourceExhausted   the disk is full, or the quota of the store used up
//	FailedPrecondition  the node is not set up for it, such as a provider call on a node that is none
//	Unavailable         the node is closing, or the chain does not answer
package api
