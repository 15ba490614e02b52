package keeper

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

// Proof proves one record to whoever knows the root of the trie.
type Proof struct {
	Root  trie.Root
	Key   trie.Key
	Value trie.Value
	Nodes [][]byte // from the root down
}

// AnchorRoot returns the root of the trie of anchored manifests.
func (k *Keeper) AnchorRoot(ctx context.Context) (trie.Root, error) {
	raw, err := k.root.Get(ctx)
	switch {
	case errors.Is(err, collections.ErrNotFound):
		return trie.EmptyRoot, nil
	case err != nil:
		return trie.Root{}, fmt.Errorf("failed to read the root of the trie: %w", err)
	case len(raw) != len(trie.Root{}):
		return trie.Root{}, fmt.Errorf("failed to read the root of the trie: %d bytes", len(raw))
	}
	return trie.Root(raw), nil
}

// Prove returns the proof of a manifest's record. It fails with ErrNotFound when the manifest is not anchored.
func (k *Keeper) Prove(ctx context.Context, manifest string) (Proof, error) {
	digest, _, err := cidtext.Parse(manifest)
	if err != nil {
		return Proof{}, errorsmod.Wrap(types.ErrInvalidEntry, err.Error())
	}
	root, err := k.AnchorRoot(ctx)
	if err != nil {
		return Proof{}, err
	}
	value, nodes, err := trie.Prove(trieNodes{ctx, k.nodes}, root, digest)
	switch {
	case errors.Is(err, trie.ErrAbsent):
		return Proof{}, errorsmod.Wrap(types.ErrNotFound, manifest)
	case err != nil:
		return Proof{}, fmt.Errorf("failed to prove %s: %w", manifest, err)
	}
	return Proof{Root: root, Key: digest, Value: value, Nodes: nodes}, nil
}

// commitTo has the trie say what the records of some manifests say. Its cost grows with their number and the depth of the
// trie, and is charged by the store.
func (k *Keeper) commitTo(ctx context.Context, manifests ...string) error {
	if len(manifests) == 0 {
		return nil
	}
	root, err := k.AnchorRoot(ctx)
	if err != nil {
		return err
	}
	entries := make([]trie.Entry, len(manifests))
	for i, manifest := range manifests {
		record, err := k.Record(ctx, manifest)
		if err != nil {
			return err
		}
		if entries[i], err = k.entryOf(record); err != nil {
			return err
		}
	}
	if root, err = trie.Update(trieNodes{ctx, k.nodes}, root, entries); err != nil {
		return fmt.Errorf("failed to update the trie: %w", err)
	}
	if err := k.root.Set(ctx, root[:]); err != nil {
		return fmt.Errorf("failed to write the root of the trie: %w", err)
	}
	return nil
}

// entryOf returns what the trie says of a record.
func (k *Keeper) entryOf(record types.Record) (trie.Entry, error) {
	key, _, err := cidtext.Parse(record.Manifest)
	if err != nil {
		return trie.Entry{}, fmt.Errorf("failed to read manifest: %w", err)
	}
	digest, codec, err := cidtext.Parse(record.Root)
	if err != nil {
		return trie.Entry{}, fmt.Errorf("failed to read root: %w", err)
	}
	owner, err := k.addresses.StringToBytes(record.Owner)
	if err != nil {
		return trie.Entry{}, fmt.Errorf("failed to read owner: %w", err)
	}
	v := trie.Value{
		Superseded: record.SupersededBy != "", Tombstoned: record.Tombstoned,
		Codec: uint8(codec), RootDigest: digest, SizeBytes: record.SizeBytes, Height: uint64(record.Height),
		TimeMillis: uint64(record.AnchoredAt.UnixMilli()), VersionCount: record.Version,
	}
	if len(owner) > len(v.Owner) {
		return trie.Entry{}, errorsmod.Wrapf(types.ErrOwner, "the address %s has %d bytes, at most %d", record.Owner, len(owner), len(v.Owner))
	}
	copy(v.Owner[len(v.Owner)-len(owner):], owner)
	return trie.Entry{Key: key, Value: v}, nil
}

// checkTrie makes the trie anew from the records and compares.
func (k *Keeper) checkTrie(ctx context.Context) error {
	var entries []trie.Entry
	err := k.records.Walk(ctx, nil, func(_ string, record types.Record) (bool, error) {
		entry, err := k.entryOf(record)
		entries = append(entries, entry)
		return err != nil, err
	})
	if err != nil {
		return err
	}
	fresh := freshNodes{}
	want, err := trie.Update(fresh, trie.EmptyRoot, entries)
	if err != nil {
		return err
	}
	got, err := k.AnchorRoot(ctx)
	if err != nil {
		return err
	}
	if got != want {
		return errorsmod.Wrapf(types.ErrInvariant, "the root of the trie is %x, that of the records %x", got, want)
	}
	nodes := 0
	err = k.nodes.Walk(ctx, nil, func(path, node []byte) (bool, error) {
		nodes++
		if !bytes.Equal(fresh[string(path)], node) {
			return true, errorsmod.Wrapf(types.ErrInvariant, "the trie's node at %x is not that of the records", path)
		}
		return false, nil
	})
	if err == nil && nodes != len(fresh) {
		return errorsmod.Wrapf(types.ErrInvariant, "the trie has %d nodes, that of the records %d", nodes, len(fresh))
	}
	return err
}

// trieNodes keeps the nodes of the trie in the module's store.
type trieNodes struct {
	ctx   context.Context
	nodes collections.Map[[]byte, []byte]
}

func (n trieNodes) Node(path []byte) ([]byte, error) {
	node, err := n.nodes.Get(n.ctx, path)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	return node, err
}

func (n trieNodes) SetNode(path, node []byte) error { return n.nodes.Set(n.ctx, path, node) }

func (n trieNodes) DeleteNode(path []byte) error { return n.nodes.Remove(n.ctx, path) }

// freshNodes keeps the nodes of a trie in memory.
type freshNodes map[string][]byte

func (n freshNodes) Node(path []byte) ([]byte, error) { return n[string(path)], nil }

func (n freshNodes) SetNode(path, node []byte) error {
	n[string(path)] = node
	return nil
}

func (n freshNodes) DeleteNode(path []byte) error {
	delete(n, string(path))
	return nil
}
