package feed

import (
	"context"
	"errors"
)

// Version is the version of the lines.
const Version = 1

// MaxPosition is above every slot and block that is taken for true: positions have 12 digits in tags.
const MaxPosition = 1e12 - 1

// ErrContradiction reports a finalized chain that is not the one that was stored. Nothing but a person can tell which one is right.
var ErrContradiction = errors.New("the finalized chain contradicts what is stored")

// Source reads what is final on another chain.
type Source interface {
	// Run hands over what is final, in order, until ctx is done or it cannot go on by itself: that is the error, which wraps
	// ErrContradiction. Troubles that pass are told to the sink, and tried again. When Run returns nothing of it is left running.
	Run(ctx context.Context, sink Sink) error
}

// Sink takes what a source reads. Its methods may be called concurrently.
type Sink interface {
	// Take takes a page, and waits where there is no room for it. It fails when ctx is done, and has not taken the page then.
	Take(ctx context.Context, p Page) error
	// Trouble tells how an attempt of a part of the source went; nil says that it does well.
	Trouble(part string, err error)
}

// Page is a piece of what a source reads.
type Page struct {
	Changes []Change
	// Cursor is where to read on behind the changes. Its Accounts are those only of which something is known anew.
	Cursor Cursor
	// Finalized is the greatest finalized slot or block that an endpoint told of.
	Finalized uint64
}

// Change is one change of what is followed.
type Change struct {
	// Position is the slot or block.
	Position uint64
	// Line is a JSON object with sorted keys, without the line's end.
	Line []byte
}

// Cursor is how far a source has read.
type Cursor struct {
	// Network is what tells the network from others: a genesis hash or chain id; empty before the first answer.
	Network string `json:"network,omitempty"`
	// Next is the first slot or block that was not read.
	Next uint64 `json:"next"`
	// Hash is that of the block before Next, where it is known.
	Hash string `json:"hash,omitempty"`
	// Accounts are the accounts that were seen, by address; of a page those that changed, nil for one that is no longer followed.
	Accounts map[string]*Account `json:"accounts,omitempty"`
}

// Account is what is remembered of an account.
type Account struct {
	// Slot is that of the state that was stored last.
	Slot uint64 `json:"slot"`
	// Floor is the slot up to which no change is stored any more. It is below Slot where a state was seen that is the last of several changes.
	Floor uint64 `json:"floor"`
	// Digest is that of the state.
	Digest string `json:"digest"`
}

// Advance moves the cursor to that of a page.
func (c *Cursor) Advance(page Cursor) {
	c.Network, c.Next, c.Hash = page.Network, page.Next, page.Hash
	for address, account := range page.Accounts {
		switch {
		case account == nil:
			delete(c.Accounts, address)
		case c.Accounts == nil:
			c.Accounts = map[string]*Account{address: account}
		default:
			c.Accounts[address] = account
		}
	}
}

// Clone returns a cursor that does not change with c.
func (c *Cursor) Clone() Cursor {
	clone := *c
	clone.Accounts = make(map[string]*Account, len(c.Accounts))
	for address, account := range c.Accounts {
		copied := *account
		clone.Accounts[address] = &copied
	}
	return clone
}
