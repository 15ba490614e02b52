// Package framed carries the streaming calls of a gRPC service over a Unix socket, each on a connection of its own and without HTTP/2
// (sections 8.1 and 10.4 of the specification paper): the bytes of a file cross a socket in pieces of a MiB, not of 16 KiB, and are copied
// into the kernel and out of it and nowhere else. Services, messages, codecs and statuses are those of gRPC, so that generated code works on
// either. The socket is that of gRPC too: what a connection begins with tells the two apart.
//
// A client opens a connection and sends the magic, then frames; a server answers with frames:
//
//	magic    4 bytes   "IPF1"
//	frame    1 byte    kind
//	         4 bytes   length of the rest, little-endian
//	         length    bytes
//
//	kind     from      rest
//	1 call   client    full method name, such as /ipdm.sidecar.v1.DataService/Get; the first frame, and only that
//	2 message both     a message as the codec makes it
//	3 end    client    empty: no more messages follow
//	4 status server    google.rpc.Status in protocol buffers, empty for success; the last frame
//
// A client that closes its connection has given the call up. There is no metadata, no compression and no unary call.
package framed
