package solana

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/zeebo/blake3"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// digestBytes is how much of a digest is kept: who could make two states of one digest would fool nobody but a follower of an account of his own.
const digestBytes = 16

// account is a state as an endpoint shows it.
type account struct {
	Lamports   uint64              `json:"lamports"`
	Owner      *solanago.PublicKey `json:"owner"`
	Data       []string            `json:"data"` // in base64, and the name of that
	Executable bool                `json:"executable"`
}

// gone is the state of an account that is not there.
func gone() *account { return &account{Owner: &solanago.SystemProgramID, Data: []string{"", "base64"}} }

// check fails if there is no owner, or the data is not in base64 or longer than allowed.
func (a *account) check(address solanago.PublicKey, maxBytes int) error {
	if a.Owner == nil {
		return fmt.Errorf("account %s has no owner", address)
	}
	if len(a.Data) != 2 || a.Data[1] != string(solanago.EncodingBase64) {
		return fmt.Errorf("the data of account %s is not in base64", address)
	}
	if n := base64.StdEncoding.DecodedLen(len(a.Data[0])); n-2 > maxBytes {
		return fmt.Errorf("account %s has more than the %d bytes of max_account_bytes", address, maxBytes)
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(a.Data[0]); err != nil {
		return fmt.Errorf("the data of account %s is not in base64: %w", address, err)
	}
	return nil
}

// digest tells states apart.
func (a *account) digest() string {
	hasher := blake3.New()
	head := binary.BigEndian.AppendUint64(a.Owner.Bytes(), a.Lamports)
	_, _ = hasher.Write(strconv.AppendBool(head, a.Executable)) // a hasher takes everything
	_, _ = hasher.WriteString(a.Data[0])
	return hex.EncodeToString(hasher.Sum(nil)[:digestBytes])
}

// accountLine is the line of an account.
type accountLine struct {
	Account    solanago.PublicKey `json:"account"`
	Data       string             `json:"data"`
	Executable bool               `json:"executable"`
	Lamports   uint64             `json:"lamports"`
	Owner      solanago.PublicKey `json:"owner"`
	Slot       uint64             `json:"slot"`
	Type       string             `json:"type"`
	V          int                `json:"v"`
}

func (a *account) change(address solanago.PublicKey, slot uint64) (feed.Change, error) {
	line, err := json.Marshal(accountLine{
		Account: address, Data: a.Data[0], Executable: a.Executable, Lamports: a.Lamports, Owner: *a.Owner, Slot: slot, Type: "account", V: feed.Version,
	})
	if err != nil {
		return feed.Change{}, fmt.Errorf("failed to encode an account: %w", err)
	}
	return feed.Change{Position: slot, Line: line}, nil
}

// answerContext is the slot that an answer is of.
type answerContext struct {
	Slot *uint64 `json:"slot"`
}

// slot fails if there is none that can be true.
func (c answerContext) slot() (uint64, error) {
	if c.Slot == nil {
		return 0, errors.New("an answer names no slot")
	}
	if *c.Slot >= feed.MaxPosition {
		return 0, fmt.Errorf("%d is no slot", *c.Slot)
	}
	return *c.Slot, nil
}
