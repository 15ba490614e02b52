// Command ipdm-relayer carries signed checkpoints of IPDM to light clients on other chains (paper section 10.1). It needs no permission
// and keeps no state: docs/relayer.md shows how to run one.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage.
package main
