// Package hugepages has Go's heap lie in huge pages (section 8.1 of the specification paper: speed). Blocks come and go by the MiB, and memory
// that is touched for the first time, or again after it was given back, costs one fault for each page: where page tables are shadowed, as in
// many virtual machines, that is ten times what reading the block costs.
package hugepages
