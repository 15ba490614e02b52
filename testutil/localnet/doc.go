// Package localnet runs a whole IPDM network on one machine as real processes: validators (ipdmd), each with a data
// node (ipdm) that is registered as a storage provider, and one client data node with a funded key.
//
// A Network owns every process it starts: they die with it, on Close, on a signal and (on Linux) when the owning
// process is killed. All ports are on 127.0.0.1 and allocated free, so several networks can run side by side. What
// runs where is written to endpoints.json in the network's folder, which is the contract that scripts and tests
// rely on.
package localnet
