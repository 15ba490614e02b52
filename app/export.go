package app

import (
	"encoding/json"
	"fmt"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// Export returns the state at the loaded height as the genesis of a chain that
// goes on from the next height. modules limits it to those modules; nil means
// all. It must not run while the chain runs.
func (app *App) Export(modules []string) (servertypes.ExportedApp, error) {
	ctx := app.NewContext(true).WithBlockHeight(app.LastBlockHeight())

	state, err := app.modules.ExportGenesisForModules(ctx, app.Encoding.Codec, modules)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("failed to export the modules: %w", err)
	}
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("failed to encode the exported state: %w", err)
	}
	validators, err := staking.WriteValidators(ctx, app.Keepers.Staking)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("failed to export the validators: %w", err)
	}
	return servertypes.ExportedApp{
		AppState:        raw,
		Validators:      validators,
		Height:          app.LastBlockHeight() + 1,
		ConsensusParams: app.GetConsensusParams(ctx),
	}, nil
}
