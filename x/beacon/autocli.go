package beacon

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query beacon`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.beacon.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				RpcMethod: "Latest",
				Use:       "latest",
				Short:     "Show the newest randomness that a block may use",
				Example:   "ipdmd query beacon latest",
			}},
		},
	}
}
