// Package bulk is gRPC's codec of the daemon's API for the bytes of files (sections 8.1 and 10.4 of the specification paper): what is on the
// wire is plain protocol buffers, and what is not done is copying. A Data is a message made of nothing but bytes of a file, which are sent
// from where they lie; a Received is a message whose bytes fields lie in the memory it was received in. All other messages go through the
// codec of gRPC.
package bulk
