package main

import (
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/ipdm-network/ipdm/app/sidecar"
)

// appConfig is what app.toml holds: the settings of the SDK and of this chain.
type appConfig struct {
	serverconfig.Config `mapstructure:",squash"`

	Sidecar sidecar.Config `mapstructure:"sidecar"`
}

const appConfigTemplate = serverconfig.DefaultConfigTemplate + sidecar.Template

// write writes app.toml.
func (c *appConfig) write(file string) {
	serverconfig.SetConfigTemplate(appConfigTemplate)
	serverconfig.WriteConfigFile(file, c)
}
