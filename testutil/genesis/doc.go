// Package genesis makes the parts of genesis states that tests of the whole application have in common.
package genesis
