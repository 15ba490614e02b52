package types

import (
	"fmt"
	"time"
)

const (
	// MaxDomains bounds the domains: validators vote on each.
	MaxDomains = 8
	// MaxCallBytesSolana is the most that a call to Solana carries.
	MaxCallBytesSolana = 256

	maxNameBytes = 32
	maxFinality  = 24 * time.Hour
	maxInterval  = time.Hour
	// solanaDecimals are the most that a token on Solana has; assets with more are moved in multiples of its unit.
	solanaDecimals = 9
	maxDecimals    = 18
)

// Validate fails with ErrInvalidDomain unless the configuration is complete.
func (c DomainConfig) Validate() error {
	switch {
	case c.Domain == 0:
		return ErrInvalidDomain.Wrap("domain 0 is IPDM itself")
	case !isName(c.Name):
		return ErrInvalidDomain.Wrapf("name %q, want 1 to %d lower-case letters, digits and dashes that begin with a letter", c.Name, maxNameBytes)
	case c.Finality < 0 || c.Finality > maxFinality:
		return ErrInvalidDomain.Wrapf("finality of %s, want 0s to %s", c.Finality, maxFinality)
	case c.Interval < time.Second || c.Interval > maxInterval:
		return ErrInvalidDomain.Wrapf("interval of %s, want 1s to %s", c.Interval, maxInterval)
	}
	if _, err := c.Form.Parse(c.Gateway); err != nil {
		return ErrInvalidDomain.Wrapf("gateway: %s", err)
	}
	return nil
}

func isName(s string) bool {
	if s == "" || len(s) > maxNameBytes || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// TakenAll tells whether every attested event was handed in.
func (d Domain) TakenAll() bool { return d.TakenEvents == d.AttestedEvents }

// Label names a domain for people.
func (c DomainConfig) Label() string { return fmt.Sprintf("%s (domain %d)", c.Name, c.Domain) }
