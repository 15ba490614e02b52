package localnet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cosmos/gogoproto/jsonpb"
	"github.com/cosmos/gogoproto/proto"

	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// writeGenesisPatch writes the parameters with which a whole story fits into minutes, and who may pause the bridge, as a merge patch of the
// genesis.
func writeGenesisPatch(dir, guardian string) (path string, err error) {
	porep, market, incentive := poreptypes.LocalnetParams(), markettypes.LocalnetParams(), incentivetypes.LocalnetParams()
	patch := map[string]map[string]json.RawMessage{}
	for module, params := range map[string]proto.Message{
		poreptypes.ModuleName: &porep, markettypes.ModuleName: &market, incentivetypes.ModuleName: &incentive,
	} {
		raw, err := (&jsonpb.Marshaler{OrigName: true, EmitDefaults: true}).MarshalToString(params)
		if err != nil {
			return "", fmt.Errorf("failed to encode the parameters of x/%s: %w", module, err)
		}
		patch[module] = map[string]json.RawMessage{"params": json.RawMessage(raw)}
	}
	patch[govtypes.ModuleName] = map[string]json.RawMessage{
		"params": json.RawMessage(`{"voting_period":"8s","expedited_voting_period":"2s","max_deposit_period":"5s"}`),
	}
	patch[bridgetypes.ModuleName] = map[string]json.RawMessage{"params": json.RawMessage(fmt.Sprintf(`{"guardian":%q}`, guardian))}
	raw, err := json.MarshalIndent(patch, "", "  ")
	if err != nil {
		return "", fmt.Errorf("failed to encode the genesis patch: %w", err)
	}
	path = filepath.Join(dir, "genesis-patch.json")
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return "", fmt.Errorf("failed to write the genesis patch: %w", err)
	}
	return path, nil
}
