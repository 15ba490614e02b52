package market

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"github.com/cosmos/cosmos-sdk/version"
)

const (
	exampleAsk = `'{"price_per_gib_hour":"1000000000000000","capacity_bytes":"1099511627776","max_deal_bytes":"0",` +
		`"max_duration":"0s"}'`
	exampleEndpoint = `'{"peer_id":"12D3KooW...","multiaddrs":["/ip4/192.0.2.1/udp/4001/quic-v1"]}'`
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.market.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				command("query", "Params", "params", "Show the parameters", "params"),
				command("query", "Provider", "provider <address>", "Show a provider and its free space", "provider ipdm1...", "address"),
				command("query", "Providers", "providers", "List providers", "providers --page-limit 10"),
				command("query", "Deal", "deal <id>", "Show a deal with its replicas", "deal 7", "id"),
				command("query", "Deals", "deals", "List deals, all or of one client or one root", "deals --client ipdm1..."),
				command("query", "Assignments", "assignments <provider>",
					"List the replicas that a provider holds or is to activate", "assignments ipdm1...", "provider"),
				command("query", "Quote", "quote <size-bytes> <open-replicas> <duration>",
					"Show what a deal would take into escrow", "quote 1073741824 3 24h --max-price-per-gib-hour 1000",
					"size_bytes", "open_replicas", "duration"),
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           "ipdm.market.v1.Msg",
			RpcCommandOptions: append(providerCommands(), dealCommands()...),
		},
	}
}

func providerCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		command("tx", "RegisterProvider", "register-provider <ask> <endpoint> <pledge>",
			"Become a provider; ask and endpoint are JSON or .json files, the pledge is in aipdm",
			"register-provider "+exampleAsk+" "+exampleEndpoint+" 100000000000000000000 --region eu --from carol",
			"ask", "endpoint", "pledge"),
		command("tx", "UpdateProvider", "update-provider <ask> <endpoint>",
			"Replace ask, endpoint and region; without --accepting no new replicas are assigned",
			"update-provider "+exampleAsk+" "+exampleEndpoint+" --region eu --accepting --from carol", "ask", "endpoint"),
		command("tx", "AddPledge", "add-pledge <amount>", "Add to the pledge, in aipdm",
			"add-pledge 1000000000000000000 --from carol", "amount"),
		command("tx", "WithdrawPledge", "withdraw-pledge <amount>",
			"Take back pledge that backs nothing, in aipdm; all of it closes the provider",
			"withdraw-pledge 1000000000000000000 --from carol", "amount"),
		command("tx", "ActivateReplica", "activate-replica <deal-id> <index> <proof>",
			"Prove that the signer holds what it was assigned; the proof is a file, hex or base64",
			"activate-replica 7 0 activation.proof --from carol", "deal_id", "index", "proof"),
		command("tx", "RefuseReplica", "refuse-replica <deal-id> <index>",
			"Give an assignment back, free of charge",
			"refuse-replica 7 0 --reason mismatch --from carol", "deal_id", "index"),
	}
}

func dealCommands() []*autocliv1.RpcCommandOptions {
	params := command("tx", "UpdateParams", "update-params-proposal <params>",
		"Propose new parameters; all of them must be given, as JSON or a .json file",
		"update-params-proposal params.json --from alice", "params")
	params.GovProposal = true
	return []*autocliv1.RpcCommandOptions{
		command("tx", "CreateDeal",
			"create-deal <root> <manifest> <layout> <comm-d> <size-bytes> <replicas> <duration> <max-price-per-gib-hour> <source>",
			"Order replicas; the price at the highest price goes into escrow",
			"create-deal bafyb4i... bafyr4i... bafyr4i... 8f1d... 1048576 '{\"open\":3}' 24h 1000000000000000 "+
				exampleEndpoint+" --from alice",
			"root", "manifest", "layout", "comm_d", "size_bytes", "replicas", "duration", "max_price_per_gib_hour", "source"),
		command("tx", "CancelDeal", "cancel-deal <deal-id>", "End a deal early; what is not earned goes back",
			"cancel-deal 7 --from alice", "deal_id"),
		{
			RpcMethod:      "Settle",
			Use:            "settle <deal-id>...",
			Short:          "Pay what providers have earned so far; anyone may do so",
			Example:        version.AppName + " tx market settle 7 8 9 --from carol",
			PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "deal_ids", Varargs: true}},
		},
		params,
	}
}

func command(kind, method, use, short, example string, fields ...string) *autocliv1.RpcCommandOptions {
	options := &autocliv1.RpcCommandOptions{
		RpcMethod: method, Use: use, Short: short, Example: version.AppName + " " + kind + " market " + example,
	}
	for _, field := range fields {
		options.PositionalArgs = append(options.PositionalArgs, &autocliv1.PositionalArgDescriptor{ProtoField: field})
	}
	return options
}
