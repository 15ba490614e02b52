package api

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/verdict"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// mapping says which code an error gets and what to do about it.
type mapping struct {
	err    error
	code   codes.Code
	advice string // appended to the message, if any
}

// mappings are tried in order: an error that wraps several takes the first.
var mappings = []mapping{
	{context.Canceled, codes.Canceled, ""},
	{context.DeadlineExceeded, codes.DeadlineExceeded, ""},

	{store.ErrQuota, codes.ResourceExhausted, "remove what you do not need with: ipdm rm ROOT, then run: ipdm gc; or raise [store] quota"},
	{store.ErrFull, codes.ResourceExhausted, "free some space, or run: ipdm gc"},
	{store.ErrFailed, codes.Unavailable, "restart the daemon"},
	{store.ErrUnavailable, codes.Unavailable, "try again when the object store answers"},
	{store.ErrCorrupt, codes.DataLoss, "run: ipdm verify"},
	{store.ErrClosed, codes.Unavailable, "the daemon is stopping"},
	{network.ErrClosed, codes.Unavailable, "the daemon is stopping"},
	{data.ErrMismatch, codes.DataLoss, ""},
	{unixfs.ErrSizeMismatch, codes.DataLoss, ""},
	{unixfs.ErrInvalidNode, codes.DataLoss, ""},

	{format.ErrCID, codes.InvalidArgument, ""},
	{format.ErrCIDVersion, codes.InvalidArgument, ""},
	{format.ErrCIDHash, codes.InvalidArgument, ""},
	{format.ErrCIDCodec, codes.InvalidArgument, ""},
	{data.ErrPath, codes.InvalidArgument, ""},
	{data.ErrOrder, codes.InvalidArgument, ""},
	{data.ErrDuplicate, codes.InvalidArgument, ""},
	{data.ErrSequence, codes.InvalidArgument, ""},
	{data.ErrOptions, codes.InvalidArgument, ""},
	{data.ErrTooLarge, codes.InvalidArgument, ""},
	{manifest.ErrSignature, codes.InvalidArgument, ""},
	{query.ErrSyntax, codes.InvalidArgument, "ipdm query --help shows the language"},
	{query.ErrCursor, codes.InvalidArgument, "use the cursor that the same query printed"},
	{unixfs.ErrRange, codes.OutOfRange, ""},
	{unixfs.ErrInvalidName, codes.InvalidArgument, ""},
	{unixfs.ErrNotDirectory, codes.InvalidArgument, ""},
	{unixfs.ErrNotFile, codes.InvalidArgument, ""},
	{unixfs.ErrTooDeep, codes.InvalidArgument, ""},
	{unixfs.ErrUnsupported, codes.InvalidArgument, ""},

	{unixfs.ErrNotFound, codes.NotFound, ""},
	{data.ErrNotPinned, codes.NotFound, "ipdm ls lists what is pinned"},
	{data.ErrDeleted, codes.NotFound, "put it again to have it back"},
	{data.ErrHeld, codes.FailedPrecondition, "delete it when the deal has ended"},
	{data.ErrNoLayout, codes.NotFound, ""},
	{network.ErrNotFound, codes.NotFound, "connect to a node that has it with: ipdm connect MULTIADDR"},
	{data.ErrMissing, codes.NotFound, ""},
	{store.ErrNotFound, codes.NotFound, ""},

	{transfer.ErrNotAllowed, codes.PermissionDenied, "its operator lists whom it takes from in [network] accept_puts_from"},
	{transfer.ErrNotOffered, codes.Unimplemented, ""},
	{transfer.ErrNotFound, codes.NotFound, ""},
	{transfer.ErrInvalid, codes.InvalidArgument, ""},
	{transfer.ErrFull, codes.ResourceExhausted, "the other node has no room"},

	{verdict.ErrSeal, codes.InvalidArgument, ""},
	{verdict.ErrTooMany, codes.InvalidArgument, ""},
	{network.ErrInvalidCID, codes.InvalidArgument, ""},
	{network.ErrBanned, codes.PermissionDenied, ""},
	{chain.ErrUnreachable, codes.Unavailable, ""},
	{chain.ErrConfig, codes.FailedPrecondition, ""},
}

// toStatus gives an error its code and its advice. A status stays as it is.
func toStatus(err error) error {
	if _, ok := err.(interface{ GRPCStatus() *status.Status }); ok {
		return err
	}
	for _, m := range mappings {
		if errors.Is(err, m.err) {
			message := err.Error()
			if m.advice != "" {
				message = fmt.Sprintf("%s (%s)", message, m.advice)
			}
			return status.Error(m.code, message)
		}
	}
	if s, ok := status.FromError(err); ok {
		return status.Error(s.Code(), err.Error())
	}
	return status.Error(codes.Internal, err.Error())
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}
