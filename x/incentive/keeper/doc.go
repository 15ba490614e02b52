// Package keeper keeps the emission, what providers have gathered of it, and the split of slashes (paper section 3.4).
//
// Nothing here is done once for each provider: a block advances one index, and a provider's account is brought up to it when its
// sealed bytes change, when one of its windows closes, and when it claims.
package keeper
