// Package incentive wires emission, vesting, pledges and slashes into the application (paper section 3.4).
package incentive
