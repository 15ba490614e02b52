// Package keeper keeps providers and deals (paper sections 3.4 and 6). Everything that waits for a time is in one due queue;
// a block's cost does not grow with the providers and deals that have nothing due. x/porep calls the keeper back through
// its unit hooks.
package keeper
