package incentive

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query incentive` and `ipdmd tx incentive`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.incentive.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Params", Use: "params",
					Short:   "Show the parameters of emission, vesting, pledge and slashes",
					Example: "ipdmd query incentive params",
				},
				{
					RpcMethod: "Emission", Use: "emission",
					Short:   "Show what is emitted now, and what was minted, burned and forfeited so far",
					Example: "ipdmd query incentive emission",
				},
				{
					RpcMethod: "Account", Use: "account [provider]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "provider"}},
					Short:          "Show what a provider has earned, can claim now, and what still vests",
					Example:        "ipdmd query incentive account ipdm1...",
				},
				{
					RpcMethod: "Pledge", Use: "pledge",
					Short:   "Show the pledge that a sealed GiB takes now, and the reward that it gathers in a day",
					Example: "ipdmd query incentive pledge",
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.incentive.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "ClaimRewards", Use: "claim-rewards",
					Short:   "Pay out what the signing provider has earned and what has vested",
					Example: "ipdmd tx incentive claim-rewards --from provider",
				},
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					Short:          "Propose new parameters; all of them must be given, as JSON or a .json file",
					Example:        "ipdmd tx incentive update-params-proposal params.json --from alice",
				},
			},
		},
	}
}
