package beacon

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query beacon` and `ipdmd tx beacon`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.beacon.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Params", Use: "params",
					Short:   "Show the parameters of the randomness",
					Example: "ipdmd query beacon params",
				},
				{
					RpcMethod: "Latest", Use: "latest",
					Short:   "Show the randomness of the newest block",
					Example: "ipdmd query beacon latest",
				},
				{
					RpcMethod: "Value", Use: "value [height]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "height"}},
					Short:          "Show the randomness of a block",
					Example:        "ipdmd query beacon value 1234",
				},
				{
					RpcMethod: "Key", Use: "key [consensus-address]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "consensus_address"}},
					Short:          "Show the VRF key of a validator, and from when on a change of it counts",
					Example:        "ipdmd query beacon key $(ipdmd comet show-address)",
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.beacon.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "SetBeaconKey", Use: "set-beacon-key [public-key] [possession]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "public_key"}, {ProtoField: "possession"}},
					Short:          "Register or change the VRF key of your validator",
					Long: "Register or change the VRF key of your validator. `ipdmd beacon register-command` prints this command with the key and its\n" +
						"proof of possession, both in hex or base64. The key takes effect two epochs later (`ipdmd query beacon params`).",
					Example: "ipdmd tx beacon set-beacon-key 1f0c... 9ab2... --from validator",
				},
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					Short:          "Propose other parameters of the randomness; all of them must be given",
					Example:        `ipdmd tx beacon update-params-proposal '{"key_epoch_blocks":"100","history_blocks":"200000"}' --from key`,
				},
			},
		},
	}
}
