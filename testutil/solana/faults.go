package solana

import (
	"context"
	"fmt"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
)

// An Account is what a node can be told to show.
type Account struct {
	Lamports   uint64             `json:"lamports"`
	Owner      solanago.PublicKey `json:"owner"`
	Data       []byte             `json:"data"`
	Executable bool               `json:"executable"`
}

// DropTransactions has the node acknowledge the next transactions and lose them.
func (n *Node) DropTransactions(ctx context.Context, count int) error {
	return n.fault(ctx, "drop", values{"transactions": count})
}

// HoldTransactions has the transactions that the node takes wait for that many slots.
func (n *Node) HoldTransactions(ctx context.Context, slots int) error {
	return n.fault(ctx, "hold", values{"slots": slots})
}

// Lag has the node answer as of that many blocks ago, at every level. 256 are the most; from 129 on it says that it is unhealthy.
func (n *Node) Lag(ctx context.Context, blocks int) error {
	return n.fault(ctx, "lag", values{"blocks": blocks})
}

// ForgeAccount has the node show an account that is not so, or none for nil.
func (n *Node) ForgeAccount(ctx context.Context, address solanago.PublicKey, account *Account) error {
	return n.fault(ctx, "account", values{"address": address, "account": account})
}

// ForgeStatus has the node answer getSignatureStatuses with a status that is not so, or none for nil.
func (n *Node) ForgeStatus(ctx context.Context, signature solanago.Signature, status *rpc.SignatureStatusesResult) error {
	return n.fault(ctx, "status", values{"signature": signature, "status": status})
}

// RefuseRequests has the node answer the next requests by an HTTP status, such as 429 or 503: those with one of the methods,
// or all.
func (n *Node) RefuseRequests(ctx context.Context, status, count int, methods ...string) error {
	return n.fault(ctx, "reply", values{"kind": "status", "status": status, "count": count, "methods": methods})
}

// HangRequests has the node never answer the next requests: those with one of the methods, or all.
func (n *Node) HangRequests(ctx context.Context, count int, methods ...string) error {
	return n.fault(ctx, "reply", values{"kind": "hang", "count": count, "methods": methods})
}

// DelayRequests has the node answer the next requests late: those with one of the methods, or all.
func (n *Node) DelayRequests(ctx context.Context, by time.Duration, count int, methods ...string) error {
	return n.fault(ctx, "reply", values{"kind": "delay", "ms": by.Milliseconds(), "count": count, "methods": methods})
}

// Disconnect ends all subscriptions of the node, as its restart would.
func (n *Node) Disconnect(ctx context.Context) error { return n.fault(ctx, "disconnect", nil) }

// ClearFaults has the node do everything right again.
func (n *Node) ClearFaults(ctx context.Context) error { return n.fault(ctx, "clear", nil) }

func (n *Node) fault(ctx context.Context, name string, body values) error {
	return n.control.post(ctx, fmt.Sprintf("nodes/%d/%s", n.index, name), body)
}
