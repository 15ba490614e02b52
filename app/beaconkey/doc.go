// Package beaconkey keeps the VRF keys of a validator in a file of their own (paper section 3.4), since the key with which CometBFT
// signs votes is out of reach of the application.
//
// A file holds several keys, because a change of key takes effect at a height that no restart can meet: the node proves with the key
// that the chain asks for.
package beaconkey
