package localnet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/ipdm-network/ipdm/app"
)

// proposalDeposit is enough for a proposal.
const proposalDeposit = "1000000000000000000000aipdm"

// Govern has the validators pass a proposal with messages of governance, which name their type with @type and need no authority, and waits
// until it is carried out.
func (n *Network) Govern(ctx context.Context, title string, messages ...map[string]any) error {
	for _, m := range messages {
		m["authority"] = app.Authority().String()
	}
	raw, err := json.MarshalIndent(map[string]any{"title": title, "summary": title, "metadata": "", "deposit": proposalDeposit, "messages": messages}, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode a proposal: %w", err)
	}
	file := filepath.Join(n.opts.Dir, "proposal.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return fmt.Errorf("failed to write a proposal: %w", err)
	}
	submitted, err := n.Tx(ctx, n.endpoints.FaucetKey, "gov", "submit-proposal", file)
	if err != nil {
		return err
	}
	id, err := strconv.ParseUint(submitted.Attribute("submit_proposal", "proposal_id"), 10, 64)
	if err != nil {
		return fmt.Errorf("the transaction tells no proposal: %w", err)
	}
	number := strconv.FormatUint(id, 10)
	if err := n.voteYes(ctx, number); err != nil {
		return err
	}
	var said struct {
		Proposal struct {
			Status string `json:"status"`
			Reason string `json:"failed_reason"`
		} `json:"proposal"`
	}
	err = poll(ctx, "the proposal to pass", func(ctx context.Context) error {
		if err := n.Get(ctx, &said, "/cosmos/gov/v1/proposals/"+number); err != nil {
			return err
		}
		if s := said.Proposal.Status; s == "PROPOSAL_STATUS_VOTING_PERIOD" || s == "PROPOSAL_STATUS_DEPOSIT_PERIOD" {
			return fmt.Errorf("proposal %s is in %s", number, s)
		}
		return nil
	})
	if err == nil && said.Proposal.Status != "PROPOSAL_STATUS_PASSED" {
		err = fmt.Errorf("proposal %s ended with %s: %s", number, said.Proposal.Status, said.Proposal.Reason)
	}
	return err
}

// voteYes has all validators vote for a proposal, at the same time: there is not much of it.
func (n *Network) voteYes(ctx context.Context, number string) error {
	errs := make([]error, len(n.endpoints.Nodes))
	var voting sync.WaitGroup
	for i, node := range n.endpoints.Nodes {
		key := KeyEndpoint{Name: node.Name, KeyringDir: node.Home, KeyringBackend: keyringBackend}
		voting.Go(func() { _, errs[i] = n.Tx(ctx, key, "gov", "vote", number, "yes") })
	}
	voting.Wait()
	return errors.Join(errs...)
}
