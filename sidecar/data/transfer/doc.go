// Package transfer speaks /ipdm/data/1.0.0, the data protocol of section 6.2 of the specification paper: GET, PUT, DELETE,
// UPDATE and QUERY over libp2p streams.
//
// What travels are encodings, as they are stored: many blocks come with one request, compressed, and are verified and
// stored by the receiver as they came. A Server answers, a Client asks many peers at a time and lets those that are idle
// take over from those that are slow.
//
// A stream carries requests one way and their answers, in order, the other way. A message is protobuf behind its length as
// an unsigned varint; the bytes of an encoding follow the message that announces it:
//
//	client                                      server
//	  | -- length | Request{get}        --------> |
//	  | <- length | Response{encoding}  --------- |
//	  | <- the envelope, length_bytes long ------ |   as often as there are encodings
//	  | <- length | Response{get_end}   --------- |   with what is missing
//	  | -- the next request             --------> |
//
// A get may have the server fetch what it does not have, if both are of a group that caches together: see
// Client.FetchThrough.
//
// A put is an offer: the peer gets what it lacks by requests of its own, the other way. docs/spec/data-protocol.md has the
// messages and the limits. Whoever breaks them has the stream reset, and is reported to a Judge.
package transfer
