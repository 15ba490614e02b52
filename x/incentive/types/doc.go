// Package types holds the messages, parameters, genesis and errors of x/incentive, and the formulas of emission, vesting and pledge
// (paper section 3.4).
package types
