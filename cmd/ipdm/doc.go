// Command ipdm is the command line of IPDM's users (sections 3 and 10.4 of the specification paper). It is small, so that a call takes no
// longer than what it does: commands that do with a running daemon are carried out here, and all others (`init`, `daemon`, `deal`, `bench`, a
// put that is signed or paid for) by the complete program, ipdm-node, which is installed beside it.
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
//	8  fsck found damage and repaired all of it
package main
