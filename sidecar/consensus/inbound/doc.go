// Package inbound reads the bridge's gateways on other chains for a validator (paper section 10.1: what happens there reaches IPDM; section
// 3.4: what the chain cannot see is looked at by the validators' sidecars, and 9.1: agreed on through consensus, by more than two
// thirds of the power). docs/spec/bridge.md, "Events", has the ranges, docs/adr/0020 the reasons.
//
// An Observer is told again and again which ranges of events the chain asks for, one target for each domain, and answers with those that
// it knows. It waits for nothing: what it does not know yet a goroutine of the domain reads, until events are final up to the target's
// time, or there are as many as a range has.
//
// # What is no answer
//
// An answer becomes the validator's vote, so it follows from final events and from nothing else. A reader that fails or panics, events
// that do not follow each other or are another gateway's, a time that is not final yet, and a target for another gateway than the
// operator has named: all that is no answer. The next attempt follows after a pause.
//
// # Bounds
//
// Each domain has one target, the newest, and one attempt at a time; what is not asked for any more is forgotten. An attempt reads at
// most wire.MaxRangeEvents events, is not made more often than Config.Poll, and ends after Config.ReadTimeout.
package inbound
