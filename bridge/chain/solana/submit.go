package solana

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Submit implements relayer.Destination. It closes what this payer paid rent for once the checkpoint is accepted: session, buffers, and
// the signer set of an epoch that ended. That a later checkpoint is known is success too. The checkpoint has to be one that its Validate
// lets pass: the relayer has called it, and it is not called again.
func (c *Client) Submit(ctx context.Context, checkpoint relayer.Checkpoint) error {
	s := &submission{Client: c, checkpoint: checkpoint, content: checkpoint.Content}
	return c.pursue(ctx, s.step)
}

// submission is a checkpoint on its way.
type submission struct {
	*Client
	checkpoint relayer.Checkpoint
	content    wire.Checkpoint
	slot       uint64 // of what was confirmed last: nodes that are behind are not asked
}

func (s *submission) step(ctx context.Context, first int) (progress, error) {
	head, err := s.finalized(ctx)
	if err != nil {
		return waiting, err
	}
	if err := check(head, s.content); err != nil {
		return waiting, err
	}
	if isPast(head, s.content) {
		s.tidyUp(ctx, first)
		return done, nil
	}
	now, err := s.look(ctx, s.nodes[first])
	if err != nil {
		s.slot = 0
		return waiting, err
	}
	batch := s.missing(now)
	if len(batch) == 0 {
		return waiting, nil
	}
	slot, err := s.send(ctx, first, batch)
	s.slot = max(s.slot, slot)
	if err != nil {
		return waiting, err
	}
	return moving, nil
}

// tidyUp closes what is left once the checkpoint is finalized. The checkpoint is handed over whether that succeeds or not.
func (s *submission) tidyUp(ctx context.Context, first int) {
	now, err := s.look(ctx, s.nodes[first])
	if err != nil {
		return
	}
	if batch := s.tidy(now); len(batch) > 0 {
		_, _ = s.send(ctx, first, batch)
	}
}

// state is what a node shows of a checkpoint at commitment confirmed.
type state struct {
	client  program.Client
	session *program.Session // nil if there is none
	set     putting
	next    *putting // nil if the checkpoint does not end its epoch
}

// look reads the state from a node.
func (s *submission) look(ctx context.Context, n *node) (state, error) {
	sets := []wire.SignerSet{s.checkpoint.Set}
	if s.content.EndsEpoch() {
		sets = append(sets, s.checkpoint.NextSet)
	}
	addresses := []solana.PublicKey{s.program.Client(), s.program.Session(s.content.Digest())}
	for _, set := range sets {
		addresses = append(addresses, s.puttingAddresses(set)...)
	}
	found, err := n.accounts(ctx, s.program, rpc.CommitmentConfirmed, s.slot, addresses...)
	if err != nil {
		return state{}, err
	}
	out, err := s.read(sets, found)
	if err != nil {
		return state{}, fmt.Errorf("%s: %w", n.name, err)
	}
	return out, nil
}

func (s *submission) read(sets []wire.SignerSet, found [][]byte) (out state, err error) {
	if out.client, err = program.DecodeClient(found[0]); err != nil {
		return state{}, err
	}
	if found[1] != nil {
		session, err := program.DecodeSession(found[1])
		if err != nil {
			return state{}, err
		}
		out.session = &session
	}
	for i, set := range sets {
		p, err := s.readPutting(set, found[2+2*i], found[3+2*i])
		if err != nil {
			return state{}, err
		}
		if i == 0 {
			out.set = p
		} else {
			out.next = &p
		}
	}
	return out, nil
}

// missing returns what to send next: all that remains if it fits into one transaction, or else what needs nothing else that is missing.
// It is nothing where the checkpoint is accepted and only has to be finalized.
func (s *submission) missing(now state) []transaction {
	if isPast(now.client, s.content) {
		return s.tidy(now)
	}
	var fills []transaction
	if now.next != nil && now.next.account == nil {
		fills = s.fill(*now.next)
	}
	if whole := s.whole(now); fills == nil && s.fits(whole) {
		return []transaction{whole}
	}
	batch := append(s.put(now.set), fills...)
	switch {
	case now.session == nil:
		batch = append(batch, transaction{s.program.Begin(s.Payer(), s.content)})
	case now.set.account != nil:
		for _, add := range s.signatures(now) {
			batch = append(batch, transaction{add})
		}
	}
	if len(batch) == 0 {
		batch = []transaction{s.finish(now)}
	}
	return batch
}

// whole returns all that remains, if no set has to go through a buffer.
func (s *submission) whole(now state) (t transaction) {
	if now.set.account == nil {
		t = append(t, s.program.PutSet(s.Payer(), now.set.set))
	}
	if now.session == nil {
		t = append(t, s.program.Begin(s.Payer(), s.content))
	}
	return append(append(t, s.signatures(now)...), s.finish(now)...)
}

// signatures returns the instructions that add signatures until they suffice, beside those that are there.
func (s *submission) signatures(now state) (out []solana.Instruction) {
	var power uint64
	if now.session != nil {
		power = now.session.Power
	}
	var lacking []wire.MemberSignature
	for _, signature := range s.checkpoint.Signatures {
		if s.checkpoint.Set.Suffices(power) {
			break
		}
		if now.session == nil || !now.session.HasSigned(signature.Index) {
			power += s.checkpoint.Set[signature.Index].Power
			lacking = append(lacking, signature)
		}
	}
	for len(lacking) > 0 {
		n := min(len(lacking), program.MaxSignatures)
		add, err := s.program.AddSignatures(s.content, lacking[:n])
		if err != nil {
			return nil // no checkpoint that is valid has such signatures
		}
		out, lacking = append(out, add), lacking[n:]
	}
	return out
}

// finish returns what makes the checkpoint the head, and closes what is over with that. The set that signs next is put in the same
// transaction: whoever has paid for a set that is not the client's yet may close it, and could do so just before, again and again.
func (s *submission) finish(now state) transaction {
	var t transaction
	if now.next != nil && now.next.account == nil {
		t = s.place(*now.next)
	}
	sessionPayer := s.Payer()
	if now.session != nil {
		sessionPayer = now.session.Payer
	}
	t = append(t,
		s.program.Finalize(s.content),
		s.program.Close(s.program.Session(s.content.Digest()), sessionPayer, s.Payer()),
	)
	if s.content.EndsEpoch() && (now.set.account == nil || now.set.account.Payer == s.Payer()) {
		t = append(t, s.closeOwn(s.program.Set(s.content.Set)))
	}
	return t
}

// tidy returns what closes the accounts that this payer paid rent for and that are over.
func (s *submission) tidy(now state) []transaction {
	var t transaction
	own := func(address solana.PublicKey) { t = append(t, s.closeOwn(address)) }
	if now.session != nil && now.session.Payer == s.Payer() && isPast(now.client, s.content) {
		own(s.program.Session(s.content.Digest()))
	}
	if a := now.set.account; a != nil && a.Payer == s.Payer() && s.content.EndsEpoch() && now.client.Set != a.Root && isPast(now.client, s.content) {
		own(s.program.Set(a.Root))
	}
	for _, p := range []*putting{&now.set, now.next} {
		if p != nil && p.buffer != nil {
			own(s.bufferOf(p.set))
		}
	}
	if t == nil {
		return nil
	}
	return []transaction{t}
}
