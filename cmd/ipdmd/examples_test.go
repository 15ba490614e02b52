package main

import (
	"regexp"
	"strings"
	"testing"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/ipdm-network/ipdm/app"
)

// described is a module that describes its commands.
type described interface {
	AutoCLIOptions() *autocliv1.ModuleOptions
}

// word is one word of a command line as a shell would see it: quoted, a substitution, or plain.
var word = regexp.MustCompile(`'[^']*'|\$\([^)]*\)|\S+`)

// Every message and query of our modules has a command with a short help and examples, and the examples are commands that exist, with
// flags and arguments that they take.
func TestEveryModuleCommandHasExamplesThatParse(t *testing.T) {
	root, err := newRootCmd()
	require.NoError(t, err)
	account, err := app.AccountAddressCodec().BytesToString(make([]byte, 20))
	require.NoError(t, err)
	validator, err := app.ConsensusAddressCodec().BytesToString(make([]byte, 20))
	require.NoError(t, err)
	standing := strings.NewReplacer("ipdm1...", account, "ipdmvalcons1...", validator)
	lender, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), noOptions{}, app.Options{SkipLoading: true})
	require.NoError(t, err)
	var modules []string
	for name, module := range lender.Modules().Modules {
		module, ok := module.(described)
		if !ok {
			continue
		}
		options := module.AutoCLIOptions()
		for kind, service := range map[string]*autocliv1.ServiceCommandDescriptor{"query": options.Query, "tx": options.Tx} {
			if service == nil || !strings.HasPrefix(service.Service, "ipdm.") {
				continue
			}
			modules = append(modules, kind+" "+name)
			t.Run(kind+" "+name, func(t *testing.T) { checkService(t, root, standing, kind+" "+name, service) })
		}
	}
	require.Subset(t, modules, []string{
		"query anchor", "tx anchor", "query beacon", "tx beacon", "query bridge", "tx bridge", "query incentive", "tx incentive",
		"query market", "tx market", "query porep", "tx porep",
	})
}

// checkService checks the commands of one service, which are below `ipdmd <path>`.
func checkService(t *testing.T, root *cobra.Command, standing *strings.Replacer, path string, service *autocliv1.ServiceCommandDescriptor) {
	t.Helper()
	found, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName(service.Service))
	require.NoError(t, err)
	methods := map[string]bool{}
	for i := range found.(protoreflect.ServiceDescriptor).Methods().Len() {
		methods[string(found.(protoreflect.ServiceDescriptor).Methods().Get(i).Name())] = true
	}
	for _, command := range service.RpcCommandOptions {
		require.Contains(t, methods, command.RpcMethod)
		delete(methods, command.RpcMethod)
		require.NotEmpty(t, command.Short, command.RpcMethod)
		require.LessOrEqual(t, len(command.Short), 110, "%q is not short", command.Short)
		require.NotRegexp(t, `\.$`, command.Short)
		require.NotEmpty(t, command.Example, command.RpcMethod)
		for _, example := range strings.Split(command.Example, "\n") {
			start := binaryName + " " + path + " " + strings.Fields(command.Use)[0]
			require.True(t, example == start || strings.HasPrefix(example, start+" "), "%q does not begin with %q", example, start)
			checkExample(t, root, standing, example)
		}
	}
	require.Empty(t, methods, "they have no command")
}

// checkExample checks that a command takes the flags and as many arguments as a line of its examples has. Addresses stand for
// those that the example leaves to the reader.
func checkExample(t *testing.T, root *cobra.Command, standing *strings.Replacer, example string) {
	t.Helper()
	words := word.FindAllString(standing.Replace(example), -1)
	command, rest, err := root.Find(words[1:])
	require.NoError(t, err, example)
	require.NoError(t, command.ParseFlags(rest), example)
	require.NoError(t, command.ValidateArgs(command.Flags().Args()), example)
}
