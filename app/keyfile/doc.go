// Package keyfile is the file in which a node keeps keys of one kind, oldest first (paper section 3.4): those of the beacon and
// those that sign bridge checkpoints, since the key with which CometBFT signs votes is out of reach of the application. A file holds
// several keys, because a change of key takes effect at a height that no restart can meet.
//
//	{"version": 1, "keys": [{"public_key": base64, "private_key": base64}, ...]}
package keyfile
