package bridge

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the commands of `ipdmd query bridge` and `ipdmd tx bridge`.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.bridge.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Params", Use: "params",
					Short:   "Show the parameters of the bridge",
					Example: "ipdmd query bridge params",
				},
				{
					RpcMethod: "Checkpoint", Use: "checkpoint [sequence]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "sequence", Optional: true}},
					Short:          "Show a checkpoint with its signatures and signers, by default the newest complete one",
					Example:        "ipdmd query bridge checkpoint\nipdmd query bridge checkpoint 12",
				},
				{
					RpcMethod: "Pending", Use: "pending",
					Short:   "Show the newest checkpoint, and what the bridge waits for",
					Example: "ipdmd query bridge pending",
				},
				{
					RpcMethod: "Signers", Use: "signers [epoch]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "epoch", Optional: true}},
					Short:          "Show the signer set of an epoch, by default of the newest",
					Example:        "ipdmd query bridge signers\nipdmd query bridge signers 3",
				},
				{
					RpcMethod: "Key", Use: "key [consensus-address]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "consensus_address"}},
					Short:          "Show the key with which a validator signs checkpoints",
					Example:        "ipdmd query bridge key $(ipdmd comet show-address)",
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.bridge.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "SetSignerKey", Use: "set-signer-key [address] [possession]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "address"}, {ProtoField: "possession"}},
					Short:          "Register or change the key with which your validator signs checkpoints",
					Long: "Register or change the key with which your validator signs checkpoints. `ipdmd bridge register-command` prints this command with\n" +
						"the address of the key and its proof of possession, both in hex or base64. The key counts from the next signer epoch on\n" +
						"(`ipdmd query bridge signers`).",
					Example: "ipdmd tx bridge set-signer-key 1f0c... 9ab2... --from validator",
				},
				{
					RpcMethod: "SignCheckpoint", Use: "sign-checkpoint [sequence] [signature]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "sequence"}, {ProtoField: "signature"}},
					Short:          "Hand in a signature of the newest checkpoint",
					Long: "Hand in a signature of the newest checkpoint. Validators vote theirs; this is for a signer that is no validator any more, whose\n" +
						"node prints the command with `ipdmd bridge sign-command`.",
					Example: "ipdmd tx bridge sign-checkpoint 12 9ab2... --from key",
				},
				{
					RpcMethod: "SubmitEvidence", Use: "submit-evidence [content] [signature]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "content"}, {ProtoField: "signature"}},
					Short:          "Show that a signer has signed a checkpoint that is none of the chain's",
					Long: "Show that a signer has signed a checkpoint that is none of the chain's: the 226 bytes that were signed and the signature, as they\n" +
						"were given to a contract on another chain, in hex or base64. The signer is slashed and never validates again.",
					Example: "ipdmd tx bridge submit-evidence 4950444d2f63702f7631... 9ab2... --from key",
				},
				{
					RpcMethod: "AbandonEpoch", Use: "abandon-epoch-proposal [epoch]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "epoch"}},
					Short:          "Propose to go on without signers who do not sign any more",
					Long: "Propose to end a signer epoch whose signers do not complete the checkpoint that waits (`ipdmd query bridge pending`). The present\n" +
						"validators sign the next one. Light clients on other chains trust the old signers, and have to be recovered.",
					Example: "ipdmd tx bridge abandon-epoch-proposal 3 --from key",
				},
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					Short:          "Propose other parameters of the bridge; all of them must be given",
					Example: `ipdmd tx bridge update-params-proposal '{"checkpoint_blocks":"20","heartbeat":"21600s","rotation_bps":500,` +
						`"max_epoch":"604800s","retained_checkpoints":"1000","evidence_max_age":"1814400s","equivocation_slash_bps":500,"max_missed":100,"min_epoch":"3600s"}' --from key`,
				},
			},
		},
	}
}
