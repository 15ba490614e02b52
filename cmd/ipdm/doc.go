// Command ipdm is the data node of IPDM and the command line of its users (sections 3 and 10.4 of the specification
// paper): `ipdm daemon` runs a node, the other commands talk to it through its API, and those that pay talk to the chain
// with a key of the caller's own keyring.
//
// It ends with one of these codes, on which scripts may rely:
//
//	0  done
//	1  failed
//	2  wrong usage: an unknown flag, a malformed CID, path or range
//	3  not found
//	4  no daemon answers, or it went away during the call
//	5  data is damaged or does not match its digest
//	6  refused by the chain or the market: no funds, no provider at that price, a deal that failed
//	7  the chain does not answer
package main
