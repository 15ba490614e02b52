package ethereum

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// An Account has a key that is known.
type Account struct {
	Address common.Address
	Key     *ecdsa.PrivateKey
}

// makeAccounts makes keys that are the same in every network. They are for tests only: everyone knows them.
func makeAccounts(count int) ([]*Account, error) {
	accounts := make([]*Account, count)
	for i := range accounts {
		key, err := crypto.ToECDSA(crypto.Keccak256(fmt.Appendf(nil, "IPDM test account %d", i)))
		if err != nil {
			return nil, fmt.Errorf("failed to make the key of test account %d: %w", i, err)
		}
		accounts[i] = &Account{Address: crypto.PubkeyToAddress(key.PublicKey), Key: key}
	}
	return accounts, nil
}
