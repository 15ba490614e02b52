package app

import (
	"context"
	"fmt"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Upgrade is one software upgrade that this binary knows how to carry out.
type Upgrade struct {
	// Name is the name of the plan that governance schedules.
	Name string

	// Stores are the stores that the upgrade adds, renames or deletes. They
	// change when the store is loaded, just before the block of the upgrade.
	Stores storetypes.StoreUpgrades

	// Migrate changes state beyond what the migrations of the modules do. It
	// runs after them and may be nil.
	Migrate func(ctx context.Context, k *Keepers) error
}

// upgrades lists the upgrades of released versions, oldest first. A binary
// keeps the entries of the upgrades it may still have to start from.
var upgrades = []Upgrade{}

// setUpgrades registers the handlers of all upgrades, and the store loader of
// the one that is due at the next height, if any.
func (app *App) setUpgrades(list []Upgrade) error {
	for _, up := range list {
		app.Keepers.Upgrade.SetUpgradeHandler(up.Name, app.upgradeHandler(up))
	}

	due, err := app.Keepers.Upgrade.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("failed to read the pending upgrade: %w", err)
	}
	if due.Name == "" || app.Keepers.Upgrade.IsSkipHeight(due.Height) {
		return nil
	}
	for _, up := range list {
		if up.Name == due.Name {
			app.SetStoreLoader(upgradetypes.UpgradeStoreLoader(due.Height, &up.Stores))
		}
	}
	return nil
}

func (app *App) upgradeHandler(up Upgrade) upgradetypes.UpgradeHandler {
	return func(ctx context.Context, plan upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
		to, err := app.modules.RunMigrations(ctx, app.configurator, from)
		if err != nil {
			return nil, fmt.Errorf("failed to migrate the modules for upgrade %s: %w", plan.Name, err)
		}
		if up.Migrate != nil {
			if err := up.Migrate(ctx, &app.Keepers); err != nil {
				return nil, fmt.Errorf("failed to run upgrade %s: %w", plan.Name, err)
			}
		}
		return to, nil
	}
}
