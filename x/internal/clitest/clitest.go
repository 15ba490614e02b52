// Package clitest runs the argument parsing of AutoCLI commands in tests (paper section 10.4): what a user types must
// become the message that the module expects. Only tests import it.
package clitest

import (
	"context"
	"testing"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/client/v2/autocli/flag"
	"github.com/cosmos/cosmos-sdk/codec/address"
	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// RequireComplete fails the test unless every method of the service has a command with a summary and, when it takes
// arguments, an example.
func RequireComplete(t testing.TB, service *autocliv1.ServiceCommandDescriptor) {
	t.Helper()
	methods := describe(t, service).Methods()
	require.Len(t, service.RpcCommandOptions, methods.Len())
	for _, options := range service.RpcCommandOptions {
		require.NotNil(t, methods.ByName(protoreflect.Name(options.RpcMethod)), options.RpcMethod)
		require.NotEmpty(t, options.Short, options.RpcMethod)
		if len(options.PositionalArgs) > 0 {
			require.NotEmpty(t, options.Example, options.RpcMethod)
		}
	}
}

// Parse reads args as the command of the method would, into message. Addresses have the prefix "ipdm".
func Parse(
	t testing.TB, service *autocliv1.ServiceCommandDescriptor, method string, message gogoproto.Message, args ...string,
) {
	t.Helper()
	descriptor := describe(t, service).Methods().ByName(protoreflect.Name(method))
	require.NotNil(t, descriptor, method)
	options := &autocliv1.RpcCommandOptions{}
	for _, candidate := range service.RpcCommandOptions {
		if candidate.RpcMethod == method {
			options = candidate
		}
	}
	ctx := context.Background()
	codec := address.NewBech32Codec("ipdm")
	builder := flag.Builder{
		TypeResolver: protoregistry.GlobalTypes, FileResolver: gogoproto.HybridResolver,
		AddressCodec: codec, ValidatorAddressCodec: codec, ConsensusAddressCodec: codec,
	}
	flags := pflag.NewFlagSet(method, pflag.ContinueOnError)
	binder, err := builder.AddMessageFlags(&ctx, flags, dynamicpb.NewMessageType(descriptor.Input()), options)
	require.NoError(t, err)
	require.NoError(t, flags.Parse(args))
	require.NoError(t, binder.CobraArgs(nil, flags.Args()))
	parsed, err := binder.BuildMessage(flags.Args())
	require.NoError(t, err)
	raw, err := proto.Marshal(parsed.Interface())
	require.NoError(t, err)
	require.NoError(t, gogoproto.Unmarshal(raw, message))
}

func describe(t testing.TB, service *autocliv1.ServiceCommandDescriptor) protoreflect.ServiceDescriptor {
	t.Helper()
	descriptor, err := gogoproto.HybridResolver.FindDescriptorByName(protoreflect.FullName(service.Service))
	require.NoError(t, err)
	found, ok := descriptor.(protoreflect.ServiceDescriptor)
	require.True(t, ok)
	return found
}
