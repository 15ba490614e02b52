// Command generate makes the Go bindings of the contracts in bridge/ethereum/artifacts. scripts/contracts runs it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi/abigen"
)

// contracts are those that relayers and tests deal with.
var contracts = []string{"IpdmAnchor", "IpdmGateway", "IpdmLightClient", "IpdmToken"}

func main() {
	log.SetFlags(0)
	artifacts := flag.String("artifacts", "bridge/ethereum/artifacts", "folder of the compiled contracts")
	out := flag.String("out", "bridge/ethereum/bindings", "folder of the bindings")
	flag.Parse()
	for _, contract := range contracts {
		if err := generate(contract, *artifacts, *out); err != nil {
			log.Fatalf("failed to make the bindings of %s: %v", contract, err)
		}
	}
}

// generate writes the bindings of a contract, named as it is without the prefix.
func generate(contract, artifacts, out string) error {
	raw, err := os.ReadFile(filepath.Join(artifacts, contract+".json"))
	if err != nil {
		return err
	}
	var artifact struct {
		ABI      json.RawMessage `json:"abi"`
		Bytecode string          `json:"bytecode"`
	}
	if err := json.Unmarshal(raw, &artifact); err != nil {
		return fmt.Errorf("failed to read the artifact: %w", err)
	}
	name := strings.TrimPrefix(contract, "Ipdm")
	code, err := abigen.BindV2([]string{name}, []string{string(artifact.ABI)}, []string{artifact.Bytecode}, "bindings", nil, nil)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, strings.ToLower(name)+".gen.go"), []byte(code), 0o644)
}
