package porep

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query porep` and `ipdmd tx porep`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: "ipdm.porep.v1.Query", RpcCommandOptions: queryCommands()},
		Tx:    &autocliv1.ServiceCommandDescriptor{Service: "ipdm.porep.v1.Msg", RpcCommandOptions: txCommands()},
	}
}

// arguments names the fields that the arguments of a command go to, in their order.
func arguments(fields ...string) []*autocliv1.PositionalArgDescriptor {
	var args []*autocliv1.PositionalArgDescriptor
	for _, field := range fields {
		args = append(args, &autocliv1.PositionalArgDescriptor{ProtoField: field})
	}
	return args
}

// listed is arguments with the last field repeated as often as the user likes.
func listed(fields ...string) []*autocliv1.PositionalArgDescriptor {
	args := arguments(fields...)
	args[len(args)-1].Varargs = true
	return args
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Params", Use: "params",
			Short:   "Show the proving parameters",
			Example: "ipdmd query porep params",
		},
		{
			RpcMethod: "Provider", Use: "provider [address]", PositionalArgs: arguments("provider"),
			Short:   "Show what a provider proves in a class, its window, and how it has done",
			Example: "ipdmd query porep provider ipdm1... --class sealed",
		},
		{
			RpcMethod: "Challenges", Use: "challenges [address]", PositionalArgs: arguments("provider"),
			Short:   "Show the bytes that a provider's open window of a class asks for",
			Example: "ipdmd query porep challenges ipdm1... --class sealed",
		},
		{
			RpcMethod: "Units", Use: "units [address]", PositionalArgs: arguments("provider"),
			Short:   "List the units that a provider proves in a class",
			Example: "ipdmd query porep units ipdm1... --page-limit 20",
		},
		{
			RpcMethod: "Faults", Use: "faults [address]", PositionalArgs: arguments("provider"),
			Short:   "List a provider's faulty units of a class",
			Example: "ipdmd query porep faults ipdm1...",
		},
		{
			RpcMethod: "Unit", Use: "unit [id]", PositionalArgs: arguments("id"),
			Short:   "Show one unit",
			Example: "ipdmd query porep unit 7",
		},
		{
			RpcMethod: "Sector", Use: "sector [id]", PositionalArgs: arguments("id"),
			Short:   "Show one sector",
			Example: "ipdmd query porep sector 3",
		},
		{
			RpcMethod: "Sectors", Use: "sectors [address]", PositionalArgs: arguments("provider"),
			Short:   "List a provider's sectors",
			Example: "ipdmd query porep sectors ipdm1...",
		},
		{
			RpcMethod: "SealChallenges", Use: "seal-challenges [sector]", PositionalArgs: arguments("id"),
			Short:   "Show the nodes that a sector's seal proof is about, once they are drawn",
			Example: "ipdmd query porep seal-challenges 3",
		},
		{
			RpcMethod: "PendingSeals", Use: "pending-seals",
			Short:   "List the seal proofs that wait for a verdict, of one validator if it is named",
			Example: "ipdmd query porep pending-seals --validator ipdmvalcons1...",
		},
		{
			RpcMethod: "SealVotes", Use: "seal-votes [seal]", PositionalArgs: arguments("seal_id"),
			Short:   "List the verdicts on a seal proof",
			Example: "ipdmd query porep seal-votes 5",
		},
		{
			RpcMethod: "Demands", Use: "demands [sector]", PositionalArgs: arguments("sector_id"),
			Short:   "List the open demands for seal records of a sector",
			Example: "ipdmd query porep demands 3",
		},
		{
			RpcMethod: "UnitChallenges", Use: "unit-challenges [address]", PositionalArgs: arguments("provider"),
			Short:   "List the open challenges of single units of a provider, with what they ask for",
			Example: "ipdmd query porep unit-challenges ipdm1...",
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "SubmitWindowProof", Use: "submit-window-proof [class] [window] [proof]",
			PositionalArgs: arguments("class", "window", "proof"),
			Short:          "Answer the challenges of the open window",
			Long:           "Answer the challenges of the open window. The proof is a file with an encoded window proof, or its bytes in hex or base64.",
			Example:        "ipdmd tx porep submit-window-proof open 12 proof.bin --from provider",
		},
		{
			RpcMethod: "RecoverFaults", Use: "recover-faults [class] [window] [recovery]...",
			PositionalArgs: listed("class", "window", "recoveries"),
			Short:          "Prove faulty units anew in the open window",
			Long:           "Prove faulty units anew in the open window. A recovery is JSON, or a file with JSON that ends in .json; the proof in it is base64.",
			Example:        `ipdmd tx porep recover-faults open 12 '{"unit_id":7,"proof":"AQE..."}' --from provider`,
		},
		{
			RpcMethod: "DeclareFaults", Use: "declare-faults [class] [unit]...", PositionalArgs: listed("class", "unit_ids"),
			Short:   "Declare units faulty before the next window's fault cutoff",
			Example: "ipdmd tx porep declare-faults sealed 7 8 --from provider",
		},
		{
			RpcMethod: "TerminateUnits", Use: "terminate-units [class] [unit]...", PositionalArgs: listed("class", "unit_ids"),
			Short:   "Give units up for good, at the price of a termination",
			Example: "ipdmd tx porep terminate-units sealed 7 --from provider",
		},
		{
			RpcMethod: "Challenge", Use: "challenge [unit]", PositionalArgs: arguments("unit_id"),
			Short:   "Demand openings of one unit, with a bond that goes to the provider if it answers",
			Example: "ipdmd tx porep challenge 7 --from key",
		},
		{
			RpcMethod: "AnswerChallenge", Use: "answer-challenge [challenge] [proof]", PositionalArgs: arguments("challenge_id", "proof"),
			Short:   "Answer a challenge of one unit",
			Long:    "Answer a challenge of one unit. The proof is a file with an encoded window proof, or its bytes in hex or base64.",
			Example: "ipdmd tx porep answer-challenge 4 proof.bin --from provider",
		},
		{
			RpcMethod: "PreCommitSector", Use: "precommit-sector [number] [class] [ticket-height] [comm-c] [comm-r-last] [piece]...",
			PositionalArgs: listed("number", "class", "ticket_height", "comm_c", "comm_r_last", "pieces"),
			Short:          "Commit to a sealed replica of assigned deals, with a deposit",
			Long:           "Commit to a sealed replica of assigned deals, with a deposit. A piece is JSON, or a file with JSON that ends in .json; the last leaf in it is base64.",
			Example:        `ipdmd tx porep precommit-sector 1 std-1-gib 4711 AB...= CD...= '{"deal_id":9,"replica_index":2,"start_node":0,"last_leaf":"AA..."}' --from provider`,
		},
		{
			RpcMethod: "ProveSeal", Use: "prove-seal [sector] [records] [root] [length]",
			PositionalArgs: arguments("sector_id", "records", "root", "length_bytes"),
			Short:          "Commit to the seal records that answer the challenges of a sector",
			Example:        "ipdmd tx porep prove-seal 3 bafkr4i... AB...= 3600000 --from provider",
		},
		{
			RpcMethod: "ProveSealFraud", Use: "prove-seal-fraud [sector] [index] [slice]", PositionalArgs: arguments("sector_id", "index", "slice"),
			Short:   "Show a seal record that fails",
			Long:    "Show a seal record that fails. The slice is a file with the Bao slice of the record, or its bytes in hex or base64.",
			Example: "ipdmd tx porep prove-seal-fraud 3 41 slice.bin --from key",
		},
		{
			RpcMethod: "DemandSealRecord", Use: "demand-seal-record [sector] [index]", PositionalArgs: arguments("sector_id", "index"),
			Short:   "Demand that a seal record be shown on chain, with a bond that goes to the provider if it is shown and right",
			Example: "ipdmd tx porep demand-seal-record 3 41 --from key",
		},
		{
			RpcMethod: "RevealSealRecord", Use: "reveal-seal-record [sector] [index] [slice]", PositionalArgs: arguments("sector_id", "index", "slice"),
			Short:   "Show a demanded seal record",
			Long:    "Show a demanded seal record. The slice is a file with the Bao slice of the record, or its bytes in hex or base64.",
			Example: "ipdmd tx porep reveal-seal-record 3 41 slice.bin --from provider",
		},
		{
			RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
			PositionalArgs: arguments("params"),
			Short:          "Propose other proving parameters; all of them must be given",
			Example:        `ipdmd tx porep update-params-proposal params.json --from key`,
		},
	}
}
