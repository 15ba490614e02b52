package anchor

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"github.com/cosmos/cosmos-sdk/version"
)

const exampleEntry = `{"manifest":"bafyr4i...","root":"bafyb4i...","size_bytes":"1048576","block_count":"2",` +
	`"tags":["kind=report"],"content_type":"application/pdf"}`

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              "ipdm.anchor.v1.Query",
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				query("Params", "params", "Show the parameters", "", "params"),
				query("Manifest", "manifest <cid>", "Show the record of a manifest", "manifest", "manifest bafyr4i..."),
				query("ByRoot", "by-root <cid>", "List the records of a root", "root", "by-root bafyb4i... --page-limit 10"),
				query("ByOwner", "by-owner <address>", "List the records of an account", "owner", "by-owner ipdm1..."),
				query("ByTag", "by-tag <key=value>", "List the records that carry a tag", "tag", "by-tag kind=report"),
				{RpcMethod: "Proof", Short: "Prove that a manifest is anchored: GetQueryCmd has the command", Skip: true},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "ipdm.anchor.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Anchor",
					Use:       "anchor <entry>...",
					Short:     "Anchor manifests under the signer's name",
					Long: "Anchor manifests under the signer's name. Each argument is one entry as JSON, or the name of a " +
						"file that ends in .json and holds one.\nFields: manifest, root, size_bytes, block_count, tags " +
						"(sorted), content_type, supersedes.",
					Example: version.AppName + " tx anchor anchor '" + exampleEntry + "' --from alice\n" +
						version.AppName + " tx anchor anchor first.json second.json --from alice",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "entries", Varargs: true}},
				},
				{
					RpcMethod:      "Tombstone",
					Use:            "tombstone <manifest>",
					Short:          "Withdraw a manifest; its record stays readable and is marked",
					Example:        version.AppName + " tx anchor tombstone bafyr4i... --from alice",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "manifest"}},
				},
				{
					RpcMethod: "UpdateParams",
					Use:       "update-params-proposal <params>",
					Short:     "Propose new parameters; all of them must be given",
					Example: version.AppName + ` tx anchor update-params-proposal '{"max_entries_per_tx":256,"max_tags":32,` +
						`"max_tag_bytes":256,"gas_per_entry":"20000","gas_per_tag":"5000"}' --from alice`,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
					GovProposal:    true,
				},
			},
		},
	}
}

func query(method, use, short, field, example string) *autocliv1.RpcCommandOptions {
	options := &autocliv1.RpcCommandOptions{
		RpcMethod: method, Use: use, Short: short, Example: version.AppName + " query anchor " + example,
	}
	if field != "" {
		options.PositionalArgs = []*autocliv1.PositionalArgDescriptor{{ProtoField: field}}
	}
	return options
}
