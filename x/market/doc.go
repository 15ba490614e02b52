// Package market is the chain module on which clients buy storage and providers sell it (paper sections 3.4, 6.1 and 6.2):
// providers with pledge, ask and endpoints; deals with escrow, random assignment, checked activation, settlement by proven
// time, repair and refund.
package market
