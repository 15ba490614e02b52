// Package keeper keeps the state of x/anchor (paper section 3.4): records by manifest with indexes by root, owner and
// tag.
package keeper
