// Package inbound lets a validator vote on the events of other chains (sections 9.1 and 10.1 of the specification paper; docs/adr/0020).
//
// The Source reads from committed state which ranges of events the chain asks for, asks the sidecar, which reads the gateways on the other
// chains, and puts the votes into the validator's vote extensions until state asks for something else. The Handler applies such a
// section of anybody's extension to state. docs/spec/bridge.md, "Events", has the format.
//
// The sidecar is asked off the consensus path (app/sidecar): one that fails costs votes, never a block. It is asked again although it has
// answered, and its newest answer counts: a validator whose endpoints were wrong votes differently once they are mended. A full node that
// is no validator asks nothing.
package inbound
