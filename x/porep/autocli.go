package porep

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query porep` and `ipdmd tx porep`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	provider := []*autocliv1.PositionalArgDescriptor{{ProtoField: "provider"}}
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.porep.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Params", Use: "params",
					Short:   "Show the proving parameters",
					Example: "ipdmd query porep params",
				},
				{
					RpcMethod: "Provider", Use: "provider [address]", PositionalArgs: provider,
					Short:   "Show what a provider proves, its window, and how it has done",
					Example: "ipdmd query porep provider ipdm1...",
				},
				{
					RpcMethod: "Challenges", Use: "challenges [address]", PositionalArgs: provider,
					Short:   "Show the bytes that a provider's open window asks for",
					Example: "ipdmd query porep challenges ipdm1...",
				},
				{
					RpcMethod: "Units", Use: "units [address]", PositionalArgs: provider,
					Short:   "List the units that a provider proves",
					Example: "ipdmd query porep units ipdm1... --page-limit 20",
				},
				{
					RpcMethod: "Faults", Use: "faults [address]", PositionalArgs: provider,
					Short:   "List a provider's faulty units",
					Example: "ipdmd query porep faults ipdm1...",
				},
				{
					RpcMethod: "Unit", Use: "unit [id]", PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
					Short:   "Show one unit",
					Example: "ipdmd query porep unit 7",
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.porep.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "SubmitWindowProof", Use: "submit-window-proof [class] [window] [proof]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "class"}, {ProtoField: "window"}, {ProtoField: "proof"}},
					Short:          "Answer the challenges of the open window",
					Long:           "Answer the challenges of the open window. The proof is a file with an encoded window proof, or its bytes in hex or base64.",
					Example:        "ipdmd tx porep submit-window-proof open 12 proof.bin --from provider",
				},
				{
					RpcMethod: "RecoverFaults", Use: "recover-faults [window] [recovery]...",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "window"}, {ProtoField: "recoveries", Varargs: true}},
					Short:          "Prove faulty units anew in the open window",
					Long:           "Prove faulty units anew in the open window. A recovery is JSON, or a file with JSON that ends in .json; the proof in it is base64.",
					Example:        `ipdmd tx porep recover-faults 12 '{"unit_id":7,"proof":"AQE..."}' --from provider`,
				},
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					Short:          "Propose other proving parameters; all of them must be given",
					Example:        `ipdmd tx porep update-params-proposal params.json --from key`,
				},
			},
		},
	}
}
