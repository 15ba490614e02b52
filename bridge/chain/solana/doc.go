// Package solana is the relayer's gateway on Solana: it hands checkpoints and messages to IPDM's program there
// (docs/spec/bridge-solana.md), and reads what that tells IPDM. Client does all of it and pays; Reader only reads events.
//
// A call looks at what is there, sends what lacks, and looks again, until the finalized state shows what was wanted. It keeps no state
// of its own, but for where nodes have shown events, which is found again, so that nothing is lost when a process ends between two
// transactions, a transaction is dropped, a fork is rolled back or another relayer is quicker; whatever others did already counts. All
// instructions have the same effect once or twice.
//
// What is assured of the nodes: with two URLs or more a head is believed that two nodes at least show, or are ahead of, at commitment
// finalized, so that one node that lies cannot make the relayer believe that a checkpoint was accepted; one that lags delays that of two at
// most. With one URL that one is believed. A node that lies can keep the relayer from its work only where fewer than two others answer:
// give three or more. The same goes for which messages were taken or are too late. Events count as far as two nodes have come, and only
// where all that answer show the same ones up to where they are, since validators vote on them: one that lies stops that, and one that lags
// delays nobody where two others answer. One that leads to events that are far behind and never comes there is like one that does not answer.
// What a single node says otherwise (the state at commitment confirmed, blockhashes, simulations, the fate of transactions) decides only what
// is sent next, costs fees at worst, and is asked of another node each round. Transactions go to all nodes.
package solana
