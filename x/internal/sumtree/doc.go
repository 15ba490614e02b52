// Package sumtree keeps weighted slots in state and finds the slot under a point of their sum.
//
// It serves sections 3.4 and 6.4 of the specification paper: x/porep draws challenged bytes from everything a provider
// proves, and x/market draws providers by their free capacity, each with a cost that grows with the logarithm of the
// number of slots and not with the number itself.
//
// A Tree holds one independent binary tree for each owner. Leaf i is slot i; a node keeps the sum of the weights below it
// and the number of slots taken below it, so that the lowest free slot is found by descending just like a point. The tree
// grows as slots are taken and empty nodes are deleted; an owner without slots leaves nothing in state. What is in
// state depends only on which slots are taken and what they weigh, never on how they came to be so. No operation
// iterates over the store.
//
// A Tree has no lock: like all state it belongs to the goroutine that executes the block or the query.
package sumtree
