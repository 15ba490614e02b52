package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// clientConfig are the settings of the command line in a home directory.
type clientConfig struct {
	chainID        string
	keyringBackend string
	node           string
}

const clientConfigTemplate = `# Settings of the ipdmd command line.

# Chain that transactions are for.
chain-id = %q
# Where keys are kept (os|file|kwallet|pass|test|memory).
keyring-backend = %q
# Key that --from names if it is not given.
keyring-default-keyname = ""
# Output format (text|json).
output = "text"
# RPC address of the node to talk to.
node = %q
# How transactions are sent (sync|async).
broadcast-mode = "sync"
`

// writeClientConfig writes client.toml into a home directory.
func writeClientConfig(home string, cfg clientConfig) error {
	file := filepath.Join(home, "config", "client.toml")
	text := fmt.Sprintf(clientConfigTemplate, cfg.chainID, cfg.keyringBackend, cfg.node)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("failed to write the client configuration: %w", err)
	}
	return nil
}
