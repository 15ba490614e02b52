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
				{
					RpcMethod: "Status", Use: "status [id]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}},
					Short:          "Show where a message or an event of another chain is, what happens next, who can make it happen, and when",
					Long: "Show where something is on its way: what happens next, who can make it happen, about when, and why it is there. A message from IPDM\n" +
						"is named by its nonce, which `ipdmd tx bridge send` prints in its events; an event of another chain by the chain and its nonce there.",
					Example: "ipdmd query bridge status 12\nipdmd query bridge status ethereum/3",
				},
				{
					RpcMethod: "Limits", Use: "limits",
					Short: "Show what can be sent and received now, and when there is more",
					Long: "Show what can be sent to other chains and received from there now, and when there is more. Look here before you send: the other side\n" +
						"holds back what is over its limit.",
					Example: "ipdmd query bridge limits\nipdmd query bridge limits --domain 1 --denom aipdm",
				},
				{
					RpcMethod: "Proof", Use: "proof [nonce]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "nonce"}},
					Short:          "Show what proves a message to the gateway of its destination",
					Long: "Show what the gateway of a message's destination takes: a checkpoint, the message, its payload, and the path to the outbox root.\n" +
						"Relayers deliver messages by themselves; this is for whoever does it by hand. Proofs do not expire.",
					Example: "ipdmd query bridge proof 12\nipdmd query bridge proof 12 --sequence 40",
				},
				{
					RpcMethod: "Domains", Use: "domains",
					Short:   "Show the chains that are known, and how far their events are attested",
					Example: "ipdmd query bridge domains",
				},
				{
					RpcMethod: "Assets", Use: "assets",
					Short:   "Show what can be sent to other chains, and where to",
					Example: "ipdmd query bridge assets",
				},
				{
					RpcMethod: "Outbox", Use: "outbox [domain]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}},
					Short:          "Show the messages to a chain whose fate is not known",
					Example:        "ipdmd query bridge outbox 1",
				},
				{
					RpcMethod: "Ranges", Use: "ranges [domain]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}},
					Short:          "Show the attested ranges of a chain's events that nobody has handed in",
					Example:        "ipdmd query bridge ranges 1",
				},
				{
					RpcMethod: "Owed", Use: "owed",
					Short:   "Show what could not be paid out yet, by what limits and pauses hold back",
					Example: "ipdmd query bridge owed\nipdmd query bridge owed --recipient ipdm1...",
				},
				{
					RpcMethod: "Calls", Use: "calls [recipient]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "recipient"}},
					Short:          "Show the calls from other chains that wait for a recipient",
					Example:        "ipdmd query bridge calls ipdm1...",
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
					RpcMethod: "Send", Use: "send [domain] [recipient] [amount]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "recipient"}, {ProtoField: "amount"}},
					Short:          "Send value to another chain",
					Long: "Send value to an address on another chain. It is delivered once a checkpoint that has it is signed and a relayer has carried it. If it\n" +
						"is not delivered before --timeout, or is refused, it comes back. What is more than the other side releases now is refused, unless\n" +
						"--accept-delay is given: `ipdmd query bridge limits` tells how much that is. `ipdmd query bridge status NONCE` follows it.",
					Example: "ipdmd tx bridge send 1 0x71C7656EC7ab88b098defB751B7401B5f6d8976F 1000000000000000000aipdm --from key",
				},
				{
					RpcMethod: "Call", Use: "call [domain] [recipient] [payload]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "recipient"}, {ProtoField: "payload"}},
					Short:          "Send bytes to a recipient on another chain",
					Long: "Send up to 1024 bytes (256 to Solana), in hex or base64, to a contract or program on another chain, which has to take messages of IPDM's\n" +
						"bridge (docs/spec/bridge-ethereum.md, docs/spec/bridge-solana.md).",
					Example: "ipdmd tx bridge call 1 0x71C7656EC7ab88b098defB751B7401B5f6d8976F 68656c6c6f --from key",
				},
				{
					RpcMethod: "Redeem", Use: "redeem [domain] [nonce]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "nonce"}},
					Short:          "Pay out value that could not be paid out when it arrived",
					Long: "Pay out value from another chain that a limit or a pause held back, to its recipient, as far as they allow now. Anybody may.\n" +
						"`ipdmd query bridge owed` lists what is owed; domain 0 is for refunds.",
					Example: "ipdmd tx bridge redeem 1 3 --from key",
				},
				{
					RpcMethod: "Refund", Use: "refund [nonce]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "nonce"}},
					Short:          "Give back what a message carries that was not delivered in time",
					Long: "Give back what a message carries, to its sender, once it is certain that it was not delivered before its timeout. Anybody may.\n" +
						"`ipdmd query bridge status NONCE` tells when that is.",
					Example: "ipdmd tx bridge refund 12 --from key",
				},
				{
					RpcMethod: "Pause", Use: "pause",
					Short: "Hold back the release of value on IPDM for a time, as the guardian",
					Long: "Hold back the release of value on IPDM, as the guardian that governance has named in the parameters. It ends by itself after\n" +
						"pause_period, and cannot be repeated before pause_cooldown. Sending, refunds, calls and anchors go on.",
					Example: "ipdmd tx bridge pause --from guardian",
				},
				{
					RpcMethod: "RemoveCall", Use: "remove-call [domain] [nonce]",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "nonce"}},
					Short:          "Remove a call from another chain that you have read",
					Example:        "ipdmd tx bridge remove-call 1 4 --from key",
				},
				{
					RpcMethod: "TakeEvents", Use: "take-events [domain] [event]...",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "events", Varargs: true}},
					Short:          "Hand in events of another chain's gateway that the validators have attested",
					Long: "Hand in events of another chain's gateway that the validators have attested, in their order from the next one on (`ipdmd query bridge\n" +
						"ranges DOMAIN`), each with its payload and the path to the root of its range. Relayers do this by themselves.",
					Example: `ipdmd tx bridge take-events 1 '{"event":"SVBETS9ldi92MQ==","payload":"aGVsbG8=","path":["yyIxfPgDyZpXVa3l5nZOCRx+Af6b+dLcU5xL9ucWVWc="]}' --from key`,
				},
				{
					RpcMethod: "SetDomain", Use: "set-domain-proposal [config]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "config"}},
					Short:          "Propose to make another chain known, or to change what is said about it",
					Long: "Propose to make another chain known: a number that no other has, a name, how addresses are written there, the gateway, how long the chain\n" +
						"takes to make blocks final, and about how often its events are attested. Gateway and form cannot be changed.",
					Example: `ipdmd tx bridge set-domain-proposal '{"domain":1,"name":"ethereum","form":"ADDRESS_FORM_ETHEREUM",` +
						`"gateway":"0x5FbDB2315678afecb367f032d93F642f64180aa3","finality":"900s","interval":"15s"}' --from key`,
				},
				{
					RpcMethod: "RegisterAsset", Use: "register-asset-proposal [domain] [symbol] [decimals]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "symbol"}, {ProtoField: "decimals"}},
					Short:          "Propose that an asset can be sent to a chain: one of IPDM's with --denom, or one of the chain's with --token",
					Example: "ipdmd tx bridge register-asset-proposal 1 IPDM 18 --denom aipdm --from key\n" +
						"ipdmd tx bridge register-asset-proposal 1 USDC 6 --token 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 --from key",
				},
				{
					RpcMethod: "SetLimits", Use: "set-limits-proposal [domain] [denom]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "denom"}},
					Short:          "Propose what both sides release of an asset in any span of time that is as long as a window",
					Example:        "ipdmd tx bridge set-limits-proposal 1 aipdm --there 1000000000000000000000 --here 1000000000000000000000 --window-seconds 3600 --from key",
				},
				{
					RpcMethod: "SetGuardian", Use: "set-guardian-proposal [domain] [guardian]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "guardian", Optional: true}},
					Short:          "Propose who may pause the release of value on another chain; that of IPDM is a parameter",
					Example:        "ipdmd tx bridge set-guardian-proposal 1 0x71C7656EC7ab88b098defB751B7401B5f6d8976F --from key",
				},
				{
					RpcMethod: "SkipEvents", Use: "skip-events-proposal [domain] [next-nonce]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}, {ProtoField: "next_nonce"}},
					Short:          "Propose to go on behind events of another chain that nobody can attest or hand in any more",
					Long: "Propose to go on behind events of another chain that nobody can attest or hand in any more, such as when their accounts on Solana are\n" +
						"gone. They have no effect: value in them does not arrive, and a message whose delivery is among them can be refunded.",
					Example: "ipdmd tx bridge skip-events-proposal 2 41 --from key",
				},
				{
					RpcMethod: "EndPause", Use: "end-pause-proposal [domain]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "domain"}},
					Short:          "Propose to end a pause before its time, on IPDM (0) or on another chain",
					Example:        "ipdmd tx bridge end-pause-proposal 0 --from key",
				},
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", GovProposal: true,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					Short:          "Propose other parameters of the bridge; all of them must be given",
					Example: `ipdmd tx bridge update-params-proposal '{"checkpoint_blocks":"20","heartbeat":"21600s","rotation_bps":500,` +
						`"max_epoch":"604800s","retained_checkpoints":"1000","evidence_max_age":"1814400s","equivocation_slash_bps":500,"max_missed":100,"min_epoch":"3600s","guardian":"","pause_period":"86400s","pause_cooldown":"86400s",` +
						`"message_timeout":"86400s"}' --from key`,
				},
			},
		},
	}
}
